import { type RowOf, replaceRows, type SomeOf, updateRows } from '../db/row-statements.js';
import type { OrgTransaction } from '../db/with-org.js';
import { requireChanged } from './require-changed.js';
import { type HistoryTable, inOrganization, type WritableRows } from './writable-rows.js';

/** What an update answers: the row before it, and the row after it once the statement has been answered. */
export interface RowChange<Row> {
  readonly before: Row;
  /** Rejects with FORBIDDEN where row-level security withheld the row, and with what the database throws. */
  readonly after: Promise<Row>;
}

/**
 * Changes a row that the actor may write, notes when and by whom, and answers it before and after.
 *
 * By its id, for a change that can be made without knowing the row: it is made at once, and then decided on. What only
 * refuses may look at `before` afterwards, too: nothing is committed while the mutation can still throw.
 *
 * Or the row itself, locked, for a change that was derived from it: the statement is not waited for, so that it travels
 * with the audit entry and the commit. Where it fails the transaction does, whether anybody awaits `after` or not.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN
 */
export async function changeRow<Table extends HistoryTable>(
  tx: OrgTransaction,
  rows: WritableRows<Table>,
  target: string | RowOf<Table>,
  set: SomeOf<Table>,
): Promise<RowChange<RowOf<Table>>> {
  const { table, key, read, decide, noun } = rows;
  const values = { ...set, updatedAt: new Date(), updatedBy: tx.identity.actor.id } as SomeOf<Table>;
  if (typeof target !== 'string') {
    const where = inOrganization<Table>(tx, key((target as { readonly id: string }).id));
    const after = updateRows(tx, table, where, values).then((found) => requireChanged(found, 'write', noun));
    after.catch(() => {});
    return { before: target, after };
  }
  const found = await replaceRows(tx, table, inOrganization<Table>(tx, key(target)), values);
  decide(tx, found[0]?.before ?? (await read(tx, target)));
  const { before, after } = requireChanged(found, 'write', noun);
  return { before, after: Promise.resolve(after) };
}
