import { and, eq } from 'drizzle-orm';
import { requireAction } from '../../auth/authorize.js';
import { placePath } from '../../auth/scopes/resource-path.js';
import { type PlaceRow, places } from '../../db/tables/places.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { refuseDependants } from '../refuse-dependants.js';
import { requireChanged } from '../require-changed.js';
import { getPlace } from './get-place.js';
import { type PlaceKind, placeNoun } from './place-kind.js';

/**
 * Deletes a place that nothing depends on and answers what it was.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN, CONFLICT with the dependants
 */
export async function deletePlace(tx: OrgTransaction, kind: PlaceKind, id: string): Promise<PlaceRow> {
  const place = await getPlace(tx, kind, id);
  requireAction(tx.identity, 'write', placePath(kind, place.id), placeNoun(kind));
  const [dependants] = await tx.sql<{ things: string; levels: string; level_types: string; level_groups: string }[]>`
    select things, levels, level_types, level_groups from app.place_dependants(${place.id})`;
  refuseDependants(placeNoun(kind), {
    things: dependants?.things,
    levels: dependants?.levels,
    'level types': dependants?.level_types,
    'level groups': dependants?.level_groups,
  });
  const rows = await tx.db
    .delete(places)
    .where(and(eq(places.orgId, tx.orgId), eq(places.id, place.id)))
    .returning({ id: places.id });
  requireChanged(rows, 'write', placeNoun(kind));
  return place;
}
