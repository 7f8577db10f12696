import { validate } from 'uuid';
import type { ThingRow } from '../../db/tables/things.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { invalidInput } from '../../errors/bulkhead-error.js';

/** What decides which levels a thing can be on. */
export type PlaceOfThing = Pick<ThingRow, 'placeType' | 'placeId'>;

/**
 * The id of a level of the thing's site, whether the actor may read it or not; null takes a thing from its level, absent
 * stays.
 * @throws BulkheadError BAD_USER_INPUT for a level of another place, or any level in a fleet
 */
export async function requireLevel<T extends null | undefined>(
  tx: OrgTransaction,
  place: PlaceOfThing,
  levelId: string | T,
): Promise<string | T> {
  const field = 'input.levelId';
  if (levelId === null || levelId === undefined) return levelId;
  if (place.placeType === 'Fleet') throw invalidInput(field, 'must not be given: a fleet has no levels');
  const [level] = validate(levelId)
    ? await tx.sql<{ known: boolean }[]>`select app.is_level_of(${levelId}, ${place.placeId}) as known`
    : [];
  if (level?.known !== true) throw invalidInput(field, 'is not a level of the site');
  return levelId.toLowerCase();
}
