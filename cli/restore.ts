import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { auditSigner } from '../audit/audit-key.js';
import { openRepository } from '../backups/repository/open-repository.js';
import { startEmbeddedServer } from '../db/embedded/start-embedded-server.js';
import { chooseSource } from '../recovery/cluster/choose-source.js';
import { type ReplayReport, replayLedger } from '../recovery/replay-ledger.js';
import { type RestoredHome, restoreHome } from '../recovery/restore-home.js';
import { repositoryConfiguration } from '../server/backup-settings.js';
import { type Configuration, loadConfiguration } from '../server/configuration.js';
import { type KeyRing, readKeyRing, writeKeyRing } from '../server/key-ring.js';
import { replaySummary } from './ledger.js';
import { print, printAside, printJson } from './print.js';
import { readMoment } from './read-moment.js';
import { recoveryProgress } from './recovery-progress.js';
import { stopSignal } from './stop-signal.js';
import { UsageMistake } from './usage-mistake.js';

interface RestoreOptions {
  readonly into: string;
  readonly to?: string;
  readonly timeline?: string;
  readonly repository?: string;
  readonly keyRing?: string;
  readonly backupKeyFile?: string;
  readonly ledger?: string;
  readonly port?: string;
  readonly json?: boolean;
}

/** `bulkhead restore`. */
export function restoreCommand(): Command {
  return new Command('restore')
    .description(
      'Put a whole deployment back to a moment, into a new home, which is fenced until its ledger was replayed.',
    )
    .requiredOption(
      '--into <directory>',
      'the new home: an empty directory, one that is not there, or one whose restore was killed',
    )
    .option('--to <time>', 'ISO 8601 moment, to the second (default: the newest that there is)')
    .option('--timeline <n>', 'one that was left by an earlier restore, as in "backup list" (default: the newest)')
    .option('--repository <directory>', 'where backups are kept (default: BACKUP_DIRECTORY, or the bucket that is set)')
    .option('--key-ring <directory>', 'a home, or a copy of its keys/ and deployment.json (default: BULKHEAD_HOME)')
    .option('--backup-key-file <file>', 'the backup key, where it is not in the key ring')
    .option('--ledger <directory>', 'directory of the ledger, which is replayed at once and lifts the fence')
    .option('--port <port>', 'port of 127.0.0.1 for its PostgreSQL (default: a free one)')
    .option('--json', 'print what was restored as JSON')
    .addHelpText(
      'after',
      `
Examples:
  npx bulkhead restore --to 2026-11-22T14:59:30Z --into /srv/restored --ledger /mnt/ledger
  npx bulkhead restore --into /srv/restored --repository /mnt/backups --key-ring /mnt/keys --ledger /mnt/ledger
  BULKHEAD_HOME=/srv/restored npm start

Nothing is changed in the repository, nor in a deployment that runs. What to do when: docs/recovery.md.`,
    )
    .action(restore);
}

async function restore(options: RestoreOptions): Promise<void> {
  const to = options.to === undefined ? undefined : readMoment('--to', options.to);
  const port = readPort(options.port);
  const timeline = readTimeline(options.timeline);
  const configuration = sourceConfiguration(options);
  const ring = readKeyRing(configuration);
  const repository = openRepository(repositoryConfiguration(configuration, ring.keys.backup, ring.deployment));
  const source = await chooseSource(repository, to, timeline);
  const { id, endedAt } = source.base;
  printAside(`From base backup ${id}, which ended at ${endedAt}`);
  const binDirectory = configuration.PG_BIN;
  const startedMs = performance.now();
  const home = resolve(options.into);
  const onProgress = recoveryProgress();
  const putKeys = (into: string) => writeKeyRing(into, ring);
  const request = { source, home, port, binDirectory, signal: stopSignal(), onProgress, putKeys, say: printAside };
  const restored = await restoreHome(request);
  const seconds = Number(((performance.now() - startedMs) / 1000).toFixed(1));
  const ledger =
    options.ledger === undefined ? null : await replay(restored, ring, resolve(options.ledger), binDirectory);
  const { lastCommitAt, walFiles, port: listensOn } = restored;
  if (options.json === true) {
    const { bytes } = source.base;
    const to = source.to?.toISOString() ?? null;
    printJson({
      home,
      port: listensOn,
      to,
      lastCommitAt,
      base: id,
      bytes,
      walFiles,
      seconds,
      isFenced: ledger === null,
      ledger,
    });
    return;
  }
  print(`Restored into ${home} in ${seconds} s. Its last transaction is of ${lastCommitAt ?? `about ${endedAt}`}.`);
  if (ledger !== null) print(replaySummary(ledger));
  else print(`It is fenced. Next: BULKHEAD_HOME=${home} npx bulkhead ledger replay --ledger <directory>`);
}

/** The configuration that the repository and its key are read by. */
function sourceConfiguration({ repository, keyRing, backupKeyFile }: RestoreOptions): Configuration {
  const configuration = loadConfiguration();
  return {
    ...configuration,
    ...(keyRing === undefined ? {} : { BULKHEAD_HOME: resolve(keyRing) }),
    ...(backupKeyFile === undefined ? {} : { BACKUP_KEY_FILE: resolve(backupKeyFile) }),
    ...(repository === undefined ? {} : { BACKUP_DIRECTORY: resolve(repository), BACKUP_BUCKET_URL: undefined }),
  };
}

async function replay(
  { home }: RestoredHome,
  { keys, deployment }: KeyRing,
  ledger: string,
  binDirectory: string | undefined,
): Promise<ReplayReport> {
  const server = await startEmbeddedServer({
    home,
    // WAL of the replay that is not archived would be a gap right after the fork.
    archivesWal: true,
    ...(binDirectory === undefined ? {} : { binDirectory }),
  });
  try {
    const key = auditSigner(keys.audit, deployment);
    const adminUrl = server.adminUrl('postgres');
    const into = join(home, 'ledger');
    return await replayLedger({ adminUrl, contextKey: keys.context, key, ledger, into });
  } finally {
    await server.stop();
  }
}

function readPort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,5}$/.test(text) || Number(text) < 1 || Number(text) > 65_535) {
    throw new UsageMistake('--port takes a port, 1 to 65535.');
  }
  return Number(text);
}

function readTimeline(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new UsageMistake('--timeline takes a number, as in "backup list".');
  return Number(text);
}
