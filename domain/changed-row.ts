import type { Action } from '../auth/scopes/action.js';
import { requireChanged } from './require-changed.js';

/** What an update answers: the row before it, and the row after it once the statement has been answered. */
export interface RowChange<Row> {
  readonly before: Row;
  /** Rejects with FORBIDDEN where row-level security withheld the row, and with what the database throws. */
  readonly after: Promise<Row>;
}

/**
 * Sends the last statement of a change without waiting for it, so that it travels with the audit entry and the commit.
 * Where the statement fails the transaction does, whether anybody awaits the row or not.
 */
export function changedRow<Row>(statement: PromiseLike<readonly Row[]>, action: Action, noun: string): Promise<Row> {
  const row = Promise.resolve(statement.then((rows) => requireChanged(rows, action, noun)));
  row.catch(() => {});
  return row;
}
