import { randomUUID } from 'node:crypto';
import { Command } from 'commander';
import { appendAudit } from '../audit/append-audit.js';
import { systemIdentity } from '../auth/identity.js';
import { organizationPath } from '../auth/scopes/resource-path.js';
import { withOrg } from '../db/with-org.js';
import { setDataLimit } from '../domain/data-package/set-data-limit.js';
import { requireUuid } from '../domain/input/id.js';
import { loadConfiguration } from '../server/configuration.js';
import { withDeployment } from './open-deployment.js';
import { print, printJson } from './print.js';
import { readableBytes } from './readable-bytes.js';
import { UsageMistake } from './usage-mistake.js';

/** The part of the system that acts, as in the audit log. */
const part = 'org set-data-limit';

/** MiB of the units of a limit. */
const mebibytes = { M: 1, G: 1024, T: 1024 * 1024 } as const;

/** `bulkhead org set-data-limit`. */
export function orgSetDataLimitCommand(): Command {
  return new Command('set-data-limit')
    .description('Set how much data an organization may have. It holds at once, for its next request.')
    .argument('<id>', 'id of the organization')
    .argument('<limit>', 'a whole number of MiB, GiB or TiB, as 500MiB or 5GiB; 1 MiB to 16 TiB')
    .option('--json', 'print the data package as JSON')
    .addHelpText(
      'after',
      `
Examples:
  npx bulkhead org set-data-limit 01a20104-1d04-72f1-bf2c-fb498bdd4954 5GiB
  npx bulkhead org set-data-limit 01a20104-1d04-72f1-bf2c-fb498bdd4954 500MiB --json`,
    )
    .action(set);
}

async function set(id: string, limit: string, { json = false }: { json?: boolean }): Promise<void> {
  const limitMebibytes = readLimit(limit);
  const orgId = requireUuid(id, 'organization');
  const { dataPackage } = await withDeployment(loadConfiguration(), ({ operational }) =>
    withOrg(operational, systemIdentity(orgId, part, randomUUID()), 'write', async (tx) => {
      const { before, after } = await setDataLimit(tx, limitMebibytes);
      await appendAudit(tx, {
        action: 'setDataLimit',
        resource: organizationPath(orgId),
        outcome: 'SUCCEEDED',
        change: { input: { orgId, limitMebibytes }, before: before.dataPackage },
      });
      return after;
    }),
  );
  if (json) return printJson(dataPackage);
  const { usedBytes, state, measuredAt } = dataPackage;
  const used = measuredAt === null ? 'not measured yet' : `${readableBytes(usedBytes)} used`;
  print(`Data package   ${limit}, ${used}, ${state}`);
}

function readLimit(text: string): number {
  const [, digits, unit] = /^(\d{1,8})([MGT])iB$/.exec(text) ?? [];
  if (digits === undefined || unit === undefined) throw new UsageMistake('The limit is a number with MiB, GiB or TiB.');
  return Number(digits) * mebibytes[unit as keyof typeof mebibytes];
}
