import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Command } from 'commander';
import { appendAudit } from '../audit/append-audit.js';
import { deploymentOrgId, systemIdentity } from '../auth/identity.js';
import { organizationPath } from '../auth/scopes/resource-path.js';
import type { Database } from '../db/database.js';
import { withOrg } from '../db/with-org.js';
import { requireUuid } from '../domain/input/id.js';
import { deleteOrganization } from '../domain/organization/delete-organization.js';
import { getDeletion, type OrganizationDeletion } from '../domain/organization/deletions.js';
import { getOperatedOrganization } from '../domain/organization/operated-organization.js';
import { loadConfiguration } from '../server/configuration.js';
import { withDeployment } from './open-deployment.js';
import { print, printAside, printJson } from './print.js';
import { UsageMistake } from './usage-mistake.js';

/** The part of the system that acts, as in the audit log. */
const part = 'org delete';
/** Milliseconds between two looks how far it is. */
const pollMs = 200;
/** Milliseconds of waiting at one step after which it is said that nothing happens. */
const patienceMs = 10_000;

interface DeleteOptions {
  readonly confirm: string;
  readonly timeout: string;
  readonly json?: boolean;
}

/** `bulkhead org delete`. */
export function orgDeleteCommand(): Command {
  return new Command('delete')
    .description('Delete an organization with all that it has, at once and for good, and wait for the certificate.')
    .argument('<id>', 'id of the organization')
    .requiredOption('--confirm <name>', 'the exact name of the organization')
    .option('--timeout <seconds>', 'how long to wait; what is not done by then goes on all the same', '600')
    .option('--json', 'print {organizationId, requestedAt, completedAt, step, certificate} as JSON')
    .addHelpText(
      'after',
      `
Examples:
  npx bulkhead org delete 01a20104-1d04-72f1-bf2c-fb498bdd4954 --confirm "Acme"
  npx bulkhead org delete 01a20104-1d04-72f1-bf2c-fb498bdd4954 --confirm "Acme" --json > acme-deleted.json

Its keys are refused from this moment on. Given again, the command goes on waiting.
Exit status: 0 deleted, 1 not done in time, 2 mistake in the command line.`,
    )
    .action(run);
}

async function run(id: string, options: DeleteOptions): Promise<void> {
  const orgId = requireUuid(id, 'organization');
  const timeoutMs = readSeconds(options.timeout) * 1000;
  await withDeployment(loadConfiguration(), async ({ operational }) => {
    if ((await deletionOf(operational, orgId)) === null) await request(operational, orgId, options.confirm);
    const deletion = await awaitEnd(operational, orgId, timeoutMs);
    const { organizationId, requestedAt, completedAt, step, certificate } = deletion;
    if (options.json === true) {
      printJson({ organizationId, requestedAt, completedAt, step, certificate: parsed(certificate) });
    } else if (completedAt !== null) {
      const seconds = ((completedAt.getTime() - requestedAt.getTime()) / 1000).toFixed(1);
      print(`Deleted in ${seconds} s. The certificate is in the ledger: certificates/${organizationId}.json`);
    }
    if (completedAt === null) {
      throw new Error(`The deletion is still at ${step}: is Bulkhead running? It goes on by itself.`);
    }
  });
}

async function request(operational: Database, orgId: string, confirmName: string): Promise<void> {
  const identity = systemIdentity(orgId, part, randomUUID());
  const { name } = await withOrg(operational, identity, 'read', getOperatedOrganization);
  if (name !== confirmName) throw new UsageMistake('--confirm is not the name of this organization.');
  await withOrg(operational, identity, 'write', async (tx) => {
    await deleteOrganization(tx, { confirmName });
    const resource = organizationPath(orgId);
    await appendAudit(tx, { action: 'deleteOrganization', resource, outcome: 'SUCCEEDED', change: {} });
  });
}

async function awaitEnd(operational: Database, orgId: string, timeoutMs: number): Promise<OrganizationDeletion> {
  const deadline = performance.now() + timeoutMs;
  let said: string | null = null;
  let since = performance.now();
  for (;;) {
    const deletion = await deletionOf(operational, orgId);
    if (deletion === null) throw new Error('The deletion is not there.');
    const { step, failure } = deletion;
    if (step !== said && step !== null) {
      printAside(`${new Date().toISOString()}  ${step}`);
      said = step;
      since = performance.now();
    }
    if (step === null || performance.now() > deadline) return deletion;
    if (performance.now() - since > patienceMs) {
      printAside(failure === null ? 'Still waiting: is Bulkhead running?' : `Tried again after: ${failure}`);
      since = performance.now();
    }
    await delay(pollMs);
  }
}

function deletionOf(operational: Database, orgId: string): Promise<OrganizationDeletion | null> {
  const identity = systemIdentity(deploymentOrgId, part, randomUUID());
  return withOrg(operational, identity, 'read', (tx) => getDeletion(tx, orgId));
}

function parsed(certificate: string | null): unknown {
  return certificate === null ? null : JSON.parse(certificate);
}

function readSeconds(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) < 1) throw new UsageMistake('--timeout takes seconds, 1 to 99999.');
  return Number(text);
}
