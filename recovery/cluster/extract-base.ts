import { chown, mkdir, open, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { openBase } from '../../backups/base/open-base.js';
import type { TarEntry } from '../../backups/base/read-tar.js';
import type { ServerUser } from '../../db/embedded/run-as.js';
import { recoveryFault } from '../recovery-fault.js';
import type { RecoverySource } from './choose-source.js';

/**
 * Writes the files of a base backup into a new directory, each verified by the manifest.
 * @param user who is to own them, where that is not us
 * @param onBytes told the bytes of each file that is there
 * @throws BulkheadError UNAVAILABLE that names the first file that is not as the server held it
 */
export async function extractBase(
  { repository, base }: RecoverySource,
  directory: string,
  user: ServerUser | undefined,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const [archive, ...tablespaces] = base.archives;
  if (archive === undefined || tablespaces.length > 0) {
    throw recoveryFault('The cluster has tablespaces, which cannot be restored: use the tools of its PostgreSQL.');
  }
  await mkdir(directory, { mode: 0o700 });
  const give = async (path: string) => {
    if (user !== undefined) await chown(path, user.uid, user.gid);
  };
  await give(directory);
  const { entries } = await openBase(repository, base);
  for await (const entry of entries(archive.name)) {
    const path = join(directory, entry.path);
    if (entry.type === 'link') {
      await symlink(entry.target ?? '', path);
      continue;
    }
    if (entry.type === 'directory') await mkdir(path, { recursive: true, mode: 0o700 });
    else await writeEntry(path, entry);
    await give(path);
    onBytes(entry.bytes);
  }
}

/** PostgreSQL brings all files to the disk before it recovers. */
async function writeEntry(path: string, { content }: TarEntry): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of content) await file.writeFile(chunk);
  } finally {
    await file.close();
  }
}
