import { randomUUID } from 'node:crypto';
import { Command } from 'commander';
import { deploymentOrgId, systemIdentity } from '../auth/identity.js';
import type { Database } from '../db/database.js';
import { withOrg } from '../db/with-org.js';
import { listDeletions, type OrganizationDeletion } from '../domain/organization/deletions.js';
import { loadConfiguration } from '../server/configuration.js';
import { withDeployment } from './open-deployment.js';
import { print, printJson } from './print.js';

const pageSize = 100;

/** `bulkhead org deletions`. */
export function orgDeletionsCommand(): Command {
  return new Command('deletions')
    .description('Show the organizations that were deleted or are being deleted.')
    .option('--json', 'print a JSON list, with the certificates')
    .addHelpText(
      'after',
      `
Examples:
  npx bulkhead org deletions
  npx bulkhead org deletions --json | jq '.[0].certificate'`,
    )
    .action(list);
}

async function list({ json = false }: { json?: boolean }): Promise<void> {
  const deletions = await withDeployment(loadConfiguration(), ({ operational }) => allDeletions(operational));
  if (json) {
    printJson(
      deletions.map(({ certificate, ...rest }) => ({
        ...rest,
        certificate: certificate === null ? null : JSON.parse(certificate),
      })),
    );
    return;
  }
  if (deletions.length === 0) print('No organization was deleted.');
  for (const { organizationId, requestedAt, completedAt, step, failure } of deletions) {
    const state = completedAt === null ? `at ${step}` : `done ${completedAt.toISOString()}`;
    print(`${organizationId}  asked for ${requestedAt.toISOString()}  ${state}`);
    if (failure !== null) print(`  tried again after: ${failure}`);
  }
}

async function allDeletions(operational: Database): Promise<OrganizationDeletion[]> {
  const identity = systemIdentity(deploymentOrgId, 'org deletions', randomUUID());
  const all: OrganizationDeletion[] = [];
  for (let isMore = true; isMore; ) {
    const after = all.at(-1)?.organizationId ?? null;
    const page = await withOrg(operational, identity, 'read', (tx) => listDeletions(tx, { first: pageSize, after }));
    all.push(...page);
    isMore = page.length === pageSize;
  }
  return all;
}
