import { readdir, rm } from 'node:fs/promises';
import { archiveDirectory } from '../../export/archive-path.js';
import type { WorkerConfiguration } from '../worker-configuration.js';
import { inDeletion, noteRemoved, type RunStep } from './deletion.js';

/** Removes the files of the organization. */
export const deleteFiles: RunStep = async ({ operational, configuration }, { orgId }) => {
  for (const [kind, directory] of Object.entries(directoriesOf(configuration, orgId))) {
    const names = await namesIn(directory);
    await rm(directory, { recursive: true, force: true });
    await inDeletion(operational, orgId, (tx) => noteRemoved(tx, 'FILES', kind, names.length));
  }
};

/** Directories of the organization, by what is in them. */
export function directoriesOf(
  { exportDirectory }: WorkerConfiguration,
  orgId: string,
): Readonly<Record<string, string>> {
  return { archives: archiveDirectory(exportDirectory, orgId) };
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
