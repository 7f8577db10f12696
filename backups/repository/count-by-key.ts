import { backupKeyIdOf } from './seal-object.js';
import type { SealedRepository } from './sealed-repository.js';

/** Objects whose heads are read at once. */
const atOnce = 16;

/**
 * How many objects of a repository each key has sealed, by id of the key. The head of every object is read: of a bucket
 * that is one request for each.
 * @returns also what is no sealed object, under the empty id
 */
export async function countByKey(repository: SealedRepository): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const names = repository.list('');
  const readOn = async () => {
    for (let next = await names.next(); !next.done; next = await names.next()) {
      const head = await repository.head(next.value.name);
      // The rotation may have removed it since.
      if (head === undefined) continue;
      const id = backupKeyIdOf(head) ?? '';
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, readOn));
  return counts;
}
