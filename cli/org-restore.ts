import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import { openRepository } from '../backups/repository/open-repository.js';
import { withAdministrator } from '../db/administrator.js';
import { defaultDatabaseNames } from '../db/cluster.js';
import { clusterLocation } from '../db/embedded/cluster-location.js';
import { prepareHome } from '../db/embedded/prepare-home.js';
import { requireUuid } from '../domain/input/id.js';
import { chooseSource } from '../recovery/cluster/choose-source.js';
import type { OrganizationDifference } from '../recovery/organization/difference.js';
import { type OrganizationReport, restoreOrganization } from '../recovery/organization/restore-organization.js';
import { withScratchCluster } from '../recovery/with-scratch-cluster.js';
import { repositoryConfiguration } from '../server/backup-settings.js';
import { loadConfiguration } from '../server/configuration.js';
import { readKeyRing } from '../server/key-ring.js';
import { exitStatus } from './exit-status.js';
import { administratorAddress, deploymentAddresses } from './open-deployment.js';
import { print, printAside, printJson } from './print.js';
import { readMoment } from './read-moment.js';
import { recoveryProgress } from './recovery-progress.js';
import { stopSignal } from './stop-signal.js';
import { UsageMistake } from './usage-mistake.js';

interface RestoreOptions {
  readonly to: string;
  readonly confirm?: string;
  readonly json?: boolean;
}

/** `bulkhead org restore`. */
export function orgRestoreCommand(): Command {
  return new Command('restore')
    .description('Put one organization back to a moment, while all others go on.')
    .argument('<id>', 'id of the organization')
    .requiredOption('--to <time>', 'ISO 8601 moment, to the second')
    .option('--confirm <name>', 'the exact name of the organization; without it the difference is shown, and asked')
    .option('--json', 'print the difference, and what undoes it, as JSON')
    .addHelpText(
      'after',
      `
Examples:
  npx bulkhead org restore 01a20104-1d04-72f1-bf2c-fb498bdd4954 --to 2026-11-22T14:59:30Z
  npx bulkhead org restore 01a20104-1d04-72f1-bf2c-fb498bdd4954 --to 2026-11-22T14:59:30Z --confirm "Acme"

The cluster is recovered aside, compared, and removed again. API keys, the audit log and what was sent stay as they
are: docs/recovery.md. Exit status: 0 put back; 1 fault, or not confirmed, so that nothing was changed; 2 mistake
in the command line.`,
    )
    .action(run);
}

async function run(id: string, options: RestoreOptions): Promise<void> {
  const orgId = requireUuid(id, 'organization');
  const to = readMoment('--to', options.to);
  const configuration = loadConfiguration();
  const { keys, deployment } = readKeyRing(configuration);
  const adminUrl = await administratorAddress(configuration);
  const { provisioner } = await deploymentAddresses(configuration);
  if (options.confirm !== undefined) await requireName(adminUrl, orgId, options.confirm);
  const repository = openRepository(repositoryConfiguration(configuration, keys.backup, deployment));
  const source = await chooseSource(repository, to);
  const { dataDirectory, cacheDirectory } = clusterLocation(prepareHome(configuration.BULKHEAD_HOME));
  const scratch = { source, beside: dataDirectory, binDirectory: configuration.PG_BIN, cacheDirectory };
  let shown: OrganizationDifference | undefined;
  const signal = stopSignal();
  const report = await withScratchCluster({ ...scratch, signal, onProgress: recoveryProgress() }, (cluster) =>
    restoreOrganization({
      orgId,
      adminUrl,
      provisionerUrl: provisioner,
      contextKey: keys.context,
      telemetryKey: keys.telemetry,
      source,
      cluster,
      confirm: (difference) => {
        shown = difference;
        if (options.json !== true) print(differenceLines(difference));
        return isConfirmed(difference, options, signal);
      },
      log: printAside,
    }),
  );
  if (options.json === true)
    printJson({ organizationId: orgId, to: to.toISOString(), isRestored: report !== undefined, ...(report ?? shown) });
  else if (report !== undefined) print(outcome(orgId, report));
  if (report !== undefined) return;
  printAside('Nothing was changed: it was not confirmed. Add --confirm with the name of the organization.');
  process.exitCode = exitStatus.fault;
}

/** Before anything that takes long. */
async function requireName(adminUrl: string, orgId: string, name: string): Promise<void> {
  const [row] = await withAdministrator(
    adminUrl,
    defaultDatabaseNames.operational,
    (sql) => sql<{ name: string }[]>`select name from app.organizations where org_id = ${orgId}`,
  );
  if (row?.name !== name) throw new UsageMistake('--confirm is not the name of this organization.');
}

async function isConfirmed(
  { name }: OrganizationDifference,
  { confirm, json }: RestoreOptions,
  signal: AbortSignal,
): Promise<boolean> {
  if (confirm !== undefined) return true;
  if (json === true || !process.stdin.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // The terminal takes Ctrl-C for itself while it asks.
  terminal.once('SIGINT', () => process.emit('SIGINT'));
  try {
    return (await terminal.question('To put it back, type the name of the organization: ', { signal })) === name;
  } finally {
    terminal.close();
  }
}

function differenceLines({ name, tables, telemetry }: OrganizationDifference): string {
  const cell = (value: number) => String(value).padStart(9);
  const rows = tables.map(
    ({ table, added, changed, removed }) => `${table.padEnd(34)}${cell(added)}${cell(changed)}${cell(removed)}`,
  );
  const range = ({ readings, from, to }: OrganizationDifference['telemetry']['now']) =>
    readings === 0 ? 'no readings' : `${readings} readings, ${from} to ${to}`;
  return [
    `${name}: what has happened since`,
    ...(rows.length === 0 ? ['  no row has changed'] : [`${''.padEnd(34)}    added  changed  removed`, ...rows]),
    `Telemetry now    ${range(telemetry.now)}`,
    `Telemetry then   ${range(telemetry.past)}`,
  ].join('\n');
}

function outcome(orgId: string, { name, before, secretsPutBack }: OrganizationReport): string {
  return [
    `${name} was put back${secretsPutBack === 0 ? '' : `, with ${secretsPutBack} secrets of integrations`}. This undoes it:`,
    `  npx bulkhead org restore ${orgId} --to ${before}`,
  ].join('\n');
}
