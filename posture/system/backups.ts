import { closeSync, type Dirent, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type BackupStatus, getBackupStatus } from '../../domain/backup/backup-status.js';
import type { PostureContext } from '../posture-context.js';
import { asSystem } from './as-system.js';

/** How fresh backups are; undefined where this deployment takes none. */
export async function backupStatus(context: PostureContext): Promise<BackupStatus | undefined> {
  const status = await asSystem(context, getBackupStatus);
  return status.place === null ? undefined : status;
}

/** Files of the repository, newest first; empty where it is no directory of this machine. */
export function repositoryFiles({ configuration }: PostureContext): string[] {
  return entriesOf(configuration.directories.backups)
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, at: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .sort((a, b) => b.at - a.at)
    .map(({ path }) => path);
}

/** How every sealed object begins; the id of the key that has sealed it follows. */
const magic = 'BHB2';
const idBytes = 8;

/** Id of the backup key that has sealed a file; undefined for one that is not sealed. */
export function sealerOf(file: string): string | undefined {
  const begin = beginOf(file, magic.length + idBytes);
  const isSealed = begin.length === magic.length + idBytes && begin.toString('latin1').startsWith(magic);
  return isSealed ? begin.subarray(magic.length).toString('hex') : undefined;
}

/** The first bytes of a file. */
function beginOf(file: string, bytes: number): Buffer {
  const descriptor = openSync(file, 'r');
  try {
    const begin = Buffer.alloc(bytes);
    return begin.subarray(0, readSync(descriptor, begin, 0, bytes, 0));
  } finally {
    closeSync(descriptor);
  }
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true });
  } catch {
    return [];
  }
}
