import { and, eq } from 'drizzle-orm';
import { requireAction } from '../../auth/authorize.js';
import { placePath } from '../../auth/scopes/resource-path.js';
import { type PlaceRow, places } from '../../db/tables/places.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { requireUuid } from '../input/id.js';
import { lockRow } from '../lock-row.js';
import { getPlace } from './get-place.js';
import { type PlaceKind, placeNoun } from './place-kind.js';

/**
 * A place that the actor may write, locked until the transaction ends, so that of two changes at once neither undoes
 * what the other merged into it. Things can be created meanwhile.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN
 */
export async function lockPlace(tx: OrgTransaction, kind: PlaceKind, id: string): Promise<PlaceRow> {
  const noun = placeNoun(kind);
  return lockRow(
    tx.db
      .select()
      .from(places)
      .where(and(eq(places.orgId, tx.orgId), eq(places.id, requireUuid(id, noun)), eq(places.placeType, kind)))
      .for('no key update'),
    () => getPlace(tx, kind, id),
    (place) => requireAction(tx.identity, 'write', placePath(kind, place.id), noun),
    noun,
  );
}
