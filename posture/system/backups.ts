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

/** The first bytes of a file. */
export function beginOf(file: string, bytes: number): Buffer {
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
