import { requireAction } from '../../auth/authorize.js';
import { type ThingRow, things } from '../../db/tables/things.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { requireUuid } from '../input/id.js';
import { lockRow } from '../lock-row.js';
import type { WritableRows } from '../writable-rows.js';
import { getThing } from './get-thing.js';
import { pathOfThing } from './path-of-thing.js';

/** Things to be changed. */
export const writableThings: WritableRows<typeof things> = {
  noun: 'thing',
  table: things,
  key: (id) => ({ id: requireUuid(id, 'thing') }),
  read: getThing,
  decide: (tx, thing) => requireAction(tx.identity, 'write', pathOfThing(thing), 'thing'),
};

/**
 * A thing that the actor may write, locked until the transaction ends.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN
 */
export function lockThing(tx: OrgTransaction, id: string): Promise<ThingRow> {
  return lockRow(tx, writableThings, id);
}
