import { requireAction } from '../../auth/authorize.js';
import { placePath } from '../../auth/scopes/resource-path.js';
import { type PlaceRow, places } from '../../db/tables/places.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { requireUuid } from '../input/id.js';
import { lockRow } from '../lock-row.js';
import type { WritableRows } from '../writable-rows.js';
import { getPlace } from './get-place.js';
import { type PlaceKind, placeNoun } from './place-kind.js';

/** Places of each kind to be changed. */
export const writablePlaces: Readonly<Record<PlaceKind, WritableRows<typeof places>>> = {
  Site: writable('Site'),
  Fleet: writable('Fleet'),
};

/**
 * A place that the actor may write, locked until the transaction ends. Things can be created meanwhile.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN
 */
export function lockPlace(tx: OrgTransaction, kind: PlaceKind, id: string): Promise<PlaceRow> {
  return lockRow(tx, writablePlaces[kind], id);
}

function writable(kind: PlaceKind): WritableRows<typeof places> {
  const noun = placeNoun(kind);
  return {
    noun,
    table: places,
    key: (id) => ({ id: requireUuid(id, noun), placeType: kind }),
    read: (tx, id) => getPlace(tx, kind, id),
    decide: (tx, place) => requireAction(tx.identity, 'write', placePath(kind, place.id), noun),
  };
}
