import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SealedRepository } from '../repository/sealed-repository.js';
import { putWal } from './wal-archive.js';
import { isArchived } from './wal-file.js';

/** What waits in a spool. */
export interface Spooled {
  readonly files: number;
  readonly bytes: number;
  readonly oldestAt: Date | undefined;
}

/** A file that was shipped. */
export interface ShippedFile {
  readonly file: string;
  readonly storedBytes: number;
}

/**
 * Files that PostgreSQL has archived into a spool, whole and on the disk (`basic_archive`), oldest first; what it is
 * still writing has another name.
 */
export async function spooledFiles(spool: string): Promise<string[]> {
  return (await readdir(spool)).filter(isArchived).sort();
}

/** How much waits in a spool. */
export async function spooled(spool: string): Promise<Spooled> {
  let bytes = 0;
  let oldestAt: Date | undefined;
  const files = await spooledFiles(spool);
  for (const file of files) {
    const { size, mtime } = await stat(join(spool, file));
    bytes += size;
    if (oldestAt === undefined || mtime < oldestAt) oldestAt = mtime;
  }
  return { files: files.length, bytes, oldestAt };
}

/**
 * Moves a file from the spool into the repository: it is removed only after it was read back.
 * @throws BulkheadError UNAVAILABLE when another one of its name is there, or what the repository throws
 */
export async function shipFile(
  repository: SealedRepository,
  system: string,
  spool: string,
  file: string,
): Promise<ShippedFile> {
  const path = join(spool, file);
  const storedBytes = await putWal(repository, system, file, await readFile(path));
  await rm(path);
  return { file, storedBytes };
}
