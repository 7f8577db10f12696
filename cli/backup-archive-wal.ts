import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { Command } from 'commander';
import { putWal } from '../backups/wal/wal-archive.js';
import { isArchived } from '../backups/wal/wal-file.js';
import { loadConfiguration } from '../server/configuration.js';
import { openBackups } from './open-backups.js';
import { UsageMistake } from './usage-mistake.js';

/** `bulkhead backup archive-wal`. */
export function backupArchiveWalCommand(): Command {
  return new Command('archive-wal')
    .description('Store a WAL file in the repository: archive_command of a PostgreSQL of your own.')
    .argument('<path>', 'path of the file, %p of archive_command')
    .addHelpText(
      'after',
      `
Examples:
  archive_command = 'BULKHEAD_HOME=/srv/home /opt/bulkhead/cli/bulkhead.mjs backup archive-wal "%p"'

In postgresql.conf, with the directory that Bulkhead is installed in: PostgreSQL runs it in its own.
It is stored, read back and on the disk when this ends with status 0. A file that is there already
with the same content is accepted; one with another content never replaces it (status 1). See
docs/backups.md.`,
    )
    .action(archive);
}

async function archive(path: string): Promise<void> {
  const file = basename(path);
  if (!isArchived(file)) throw new UsageMistake(`${file} is no name of a WAL file.`);
  const repository = openBackups(loadConfiguration());
  await putWal(repository, await systemIdentifier(), file, await readFile(path));
}

/** PostgreSQL runs its archive_command in the data directory; `pg_control` begins with the identifier of the cluster. */
async function systemIdentifier(): Promise<string> {
  try {
    return (await readFile(resolve('global', 'pg_control'))).readBigUInt64LE(0).toString();
  } catch (error) {
    throw new UsageMistake(
      `The working directory is no data directory of a PostgreSQL (${(error as NodeJS.ErrnoException).code ?? 'unknown'}): ` +
        'this is for archive_command.',
    );
  }
}
