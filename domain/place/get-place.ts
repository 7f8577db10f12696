import { and, eq } from 'drizzle-orm';
import { type PlaceRow, places } from '../../db/tables/places.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { notFound } from '../../errors/bulkhead-error.js';
import { requireUuid } from '../input/id.js';
import { type PlaceKind, placeNoun } from './place-kind.js';

/**
 * One place that the transaction may see.
 * @param kind the kind it must have; any if undefined
 * @throws BulkheadError NOT_FOUND, also for a place of the other kind
 */
export async function getPlace(tx: OrgTransaction, kind: PlaceKind | undefined, id: string): Promise<PlaceRow> {
  const noun = kind === undefined ? 'place' : placeNoun(kind);
  const [place] = await tx.db
    .select()
    .from(places)
    .where(
      and(
        eq(places.orgId, tx.orgId),
        eq(places.id, requireUuid(id, noun)),
        kind === undefined ? undefined : eq(places.placeType, kind),
      ),
    );
  if (place === undefined) throw notFound(noun);
  return place;
}
