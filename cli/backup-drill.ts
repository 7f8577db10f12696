import { Command } from 'commander';
import { withOrg } from '../db/with-org.js';
import { type Drill, newestDrill } from '../domain/backup/newest-drill.js';
import { loadConfiguration } from '../server/configuration.js';
import { awaitBackupJob } from './await-backup-job.js';
import { withDeployment } from './open-deployment.js';
import { print, printAside, printJson } from './print.js';
import { readableBytes } from './readable-bytes.js';

/** A repository of some terabytes takes a day to read. */
const timeoutMs = 2 * 86_400_000;
const progressMs = 10_000;

/** `bulkhead backup drill`. */
export function backupDrillCommand(): Command {
  return new Command('drill')
    .description('Read the whole repository, restore the newest moment and one by chance aside, and look at both.')
    .option('--json', 'print {statement, signature} as JSON')
    .addHelpText(
      'after',
      `
Examples:
  npx bulkhead backup drill
  npx bulkhead backup drill --json | jq '.statement.findings.restored'

Bulkhead has to run; its backup process does it, as it does by itself every 7 days. The result is signed with the audit
key and kept in the database. Exit status: 0 passed, 1 failed, or no backup process runs.`,
    )
    .action(drill);
}

async function drill({ json = false }: { json?: boolean }): Promise<void> {
  await withDeployment(loadConfiguration(), async ({ operational }) => {
    const began = Date.now();
    const onProgress = () => printAside(`The drill goes on, for ${Math.round((Date.now() - began) / 1000)} s …`);
    const job = { task: 'drill', timeoutMs, onProgress, progressMs } as const;
    const {
      state: { run },
      identity,
    } = await awaitBackupJob(operational, job);
    const found = await withOrg(operational, identity, 'read', newestDrill);
    if (json && found !== null) printJson({ statement: found.statement, signature: found.signature });
    if (run?.outcome !== 'SUCCEEDED') throw new Error(`The drill failed: ${run?.reason ?? 'it still runs'}`);
    if (!json && found !== null) print(summary(found).join('\n'));
  });
}

function summary({ statement: { findings } }: Drill): string[] {
  if (findings === null) return [];
  const { repository, restored, auditSegments, secretsOpened, credentialsOpened } = findings;
  return [
    `Read: ${repository.bases} base backups, ${repository.walFiles} WAL files, ${readableBytes(repository.bytes)}.`,
    ...restored.map(({ to, seconds, databases, tables, indexes, rows }) => {
      const looked = `${databases} databases, ${tables} tables, ${indexes} indexes, ${rows} rows`;
      return `Restored ${to ?? 'the newest moment'} in ${seconds} s: ${looked}.`;
    }),
    `Audit log verified: ${auditSegments} segments. Opened: ${secretsOpened} secrets, ${credentialsOpened} credentials.`,
    'The drill passed.',
  ];
}
