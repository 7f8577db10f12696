import { randomUUID } from 'node:crypto';
import { Command } from 'commander';
import { systemIdentity } from '../auth/identity.js';
import { createOrganization } from '../domain/organization/create-organization.js';
import { loadConfiguration } from '../server/configuration.js';
import { createKeyAsSystem, firstKey } from '../server/create-key-as-system.js';
import { withDeployment } from './open-deployment.js';
import { print, printJson } from './print.js';

/** The part of the system that acts, as in the audit log. */
const part = 'org create';

/** `bulkhead org create`. */
export function orgCreateCommand(): Command {
  return new Command('create')
    .description('Make an organization with a first key that may do everything in it; the key is shown this once.')
    .argument('<name>', 'name of the organization, 1 to 200 characters')
    .option('--json', 'print {orgId, apiKey} as JSON')
    .addHelpText(
      'after',
      `
Examples:
  npx bulkhead org create "Acme"
  npx bulkhead org create "Acme" --json > acme.json`,
    )
    .action(create);
}

async function create(name: string, { json = false }: { json?: boolean }): Promise<void> {
  const configuration = loadConfiguration();
  const { orgId, apiKey } = await withDeployment(configuration, async ({ operational, telemetryKey }) => {
    const identityFor = (id: string) => systemIdentity(id, part, randomUUID());
    const id = await createOrganization(operational, telemetryKey, identityFor, name);
    const environment = configuration.BULKHEAD_ENVIRONMENT;
    const { text } = await createKeyAsSystem(operational, { orgId: id, part, environment, key: firstKey });
    return { orgId: id, apiKey: text };
  });
  if (json) printJson({ orgId, apiKey });
  else print(`Organization   ${orgId}\nKey            ${apiKey}\n\nKeep the key: it is not shown again.`);
}
