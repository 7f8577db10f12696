import type { SealedRepository } from '../repository/sealed-repository.js';
import type { BaseBackup } from './base-backup.js';
import { openBase } from './open-base.js';

/**
 * Reads a base backup back from the repository: every part opens, every file is as the server held it, none is missing.
 * @throws BulkheadError UNAVAILABLE that names the first fault
 */
export async function verifyBase(repository: SealedRepository, base: BaseBackup, signal?: AbortSignal): Promise<void> {
  const open = await openBase(repository, base);
  for (const { name } of base.archives) {
    for await (const entry of open.entries(name)) {
      signal?.throwIfAborted();
      for await (const _ of entry.content);
    }
  }
}
