import { Command } from 'commander';
import type { Identity } from '../auth/identity.js';
import type { Database } from '../db/database.js';
import { withOrg } from '../db/with-org.js';
import { getBackupStatus } from '../domain/backup/backup-status.js';
import { loadConfiguration } from '../server/configuration.js';
import { awaitBackupJob } from './await-backup-job.js';
import { withDeployment } from './open-deployment.js';
import { print, printAside, printJson } from './print.js';
import { readableBytes } from './readable-bytes.js';

/** A base backup of some hundred gigabytes takes hours. */
const timeoutMs = 86_400_000;
/** Milliseconds between two lines about progress. */
const progressMs = 2_000;

/** `bulkhead backup now`. */
export function backupNowCommand(): Command {
  return new Command('now')
    .description('Take a base backup now, by the backup process that runs, and wait until it is verified.')
    .option('--json', 'print {id, startedAt, endedAt, bytes, storedBytes} as JSON')
    .addHelpText(
      'after',
      `
Examples:
  npx bulkhead backup now
  npx bulkhead backup now --json

Bulkhead has to run. Progress is on standard error. Exit status: 0 done, 1 failed, or no backup process runs.
That it was asked for is in the audit log of the deployment.`,
    )
    .action(now);
}

async function now({ json = false }: { json?: boolean }): Promise<void> {
  await withDeployment(loadConfiguration(), async ({ operational }) => {
    const onProgress = (identity: Identity) => void tellProgress(operational, identity);
    const job = { task: 'baseBackup', timeoutMs, onProgress, progressMs } as const;
    const {
      state: { run },
      identity,
    } = await awaitBackupJob(operational, job);
    if (run?.outcome !== 'SUCCEEDED') throw new Error(`The base backup failed: ${run?.reason ?? 'it still runs'}`);
    const { base } = await status(operational, identity);
    if (base === null) throw new Error('The base backup is not there: another one is under way?');
    if (json) printJson(base);
    else {
      const seconds = ((base.endedAt.getTime() - base.startedAt.getTime()) / 1000).toFixed(1);
      print(
        `Base backup ${base.id}: ${readableBytes(base.bytes)}, ${readableBytes(base.storedBytes)} stored, ${seconds} s.`,
      );
    }
  });
}

function status(operational: Database, identity: Identity) {
  return withOrg(operational, identity, 'read', getBackupStatus);
}

/** What cannot be told now is told the next time. */
async function tellProgress(operational: Database, identity: Identity): Promise<void> {
  const found = await status(operational, identity).catch(() => undefined);
  if (found === undefined) return;
  const { running } = found;
  if (running === null) return printAside('Waiting for the backup process …');
  const { bytes, totalBytes, storedBytes } = running;
  const part = totalBytes === null || totalBytes === 0 ? '' : ` of ${readableBytes(totalBytes)}`;
  printAside(`${readableBytes(bytes)}${part} read, ${readableBytes(storedBytes)} stored`);
}
