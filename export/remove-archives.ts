import { readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { validate } from 'uuid';
import { archiveDirectory, exportOfFile } from './archive-path.js';

/** Organizations that have files in the directory of archives. */
export async function organizationsWithArchives(exportDirectory: string): Promise<string[]> {
  return (await namesIn(exportDirectory)).filter((name) => validate(name));
}

/**
 * Removes files of archives of an organization, half written ones too, and its directory when nothing is left in it.
 * @param isKept whether the file of an export stays
 */
export async function removeArchives(
  exportDirectory: string,
  orgId: string,
  isKept: (exportId: string) => boolean,
): Promise<void> {
  const directory = archiveDirectory(exportDirectory, orgId);
  const names = await namesIn(directory);
  const removed = names.filter((name) => {
    const exportId = exportOfFile(name);
    return exportId !== undefined && !isKept(exportId);
  });
  for (const name of removed) await rm(join(directory, name), { force: true });
  if (removed.length === names.length) await rmdir(directory).catch(() => {});
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
