import { lockRows, type RowOf } from '../db/row-statements.js';
import type { OrgTransaction } from '../db/with-org.js';
import { requireChanged } from './require-changed.js';
import { type HistoryTable, inOrganization, type WritableRows } from './writable-rows.js';

/**
 * A row that the actor may write, locked until the transaction ends, so that of two changes at once neither undoes what
 * the other merged into it. One statement where all is well: row-level security lets it find only rows that may be seen
 * and changed. Where it finds none, a second one tells which of the two is missing.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN
 */
export async function lockRow<Table extends HistoryTable>(
  tx: OrgTransaction,
  { table, key, read, decide, noun }: WritableRows<Table>,
  id: string,
): Promise<RowOf<Table>> {
  const rows = await lockRows(tx, table, inOrganization<Table>(tx, key(id)));
  decide(tx, rows[0] ?? (await read(tx, id)));
  return requireChanged(rows, 'write', noun);
}
