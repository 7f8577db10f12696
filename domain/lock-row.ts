import { requireChanged } from './require-changed.js';

/**
 * A row that the actor may write, locked. One statement where all is well: row-level security lets it find only rows
 * that may be seen and changed. Where it finds none, a second one tells which of the two is missing.
 * @param locked the locking statement
 * @param read reads the row without a lock; throws NOT_FOUND for one that is not visible
 * @param decide the application's own decision; throws FORBIDDEN
 * @throws BulkheadError NOT_FOUND, FORBIDDEN
 */
export async function lockRow<Row>(
  locked: PromiseLike<readonly Row[]>,
  read: () => Promise<Row>,
  decide: (row: Row) => void,
  noun: string,
): Promise<Row> {
  const rows = await locked;
  decide(rows[0] ?? (await read()));
  return requireChanged(rows, 'write', noun);
}
