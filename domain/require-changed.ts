import type { Action } from '../auth/scopes/action.js';
import { forbidden } from '../errors/bulkhead-error.js';

/**
 * The one row that a statement changed. None means that row-level security withheld a visible row from the change: the
 * database's own FORBIDDEN, should the application's decision ever be missing.
 * @throws BulkheadError FORBIDDEN
 */
export function requireChanged<Row>(rows: readonly Row[], action: Action, noun: string): Row {
  const [row] = rows;
  if (row === undefined) throw forbidden(action, noun);
  return row;
}
