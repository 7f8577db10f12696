import { eq, type SQL, sql } from 'drizzle-orm';
import { validate } from 'uuid';
import { things } from '../../db/tables/things.js';
import { isDefinitionId } from '../input/id.js';
import type { ListQuery } from '../read-page.js';
import { searchCondition } from '../search.js';

/** Restricts a list of things; conditions add up, null and absent restrict nothing. */
export interface ThingListFilter {
  /** Only things of this place; a text that is no id matches nothing. */
  readonly placeId?: string | null | undefined;
  /** Only things of this type; a text that is no id matches nothing. */
  readonly typeId?: string | null | undefined;
  /** Only things whose name holds this text or whose id it is; 1–200 characters. */
  readonly search?: string | null | undefined;
}

/**
 * Things that the reader may see.
 * @throws BulkheadError BAD_USER_INPUT for a search text outside 1–200 characters
 */
export function thingList(filter: ThingListFilter): ListQuery {
  const { placeId, typeId, search } = filter;
  return {
    name: `things:${JSON.stringify([placeId ?? null, typeId ?? null, search ?? null])}`,
    table: things,
    conditions: [placeCondition(placeId), typeCondition(typeId), searchCondition(search, [things.name], things.id)],
  };
}

function placeCondition(placeId: string | null | undefined): SQL | undefined {
  if (placeId === null || placeId === undefined) return undefined;
  return validate(placeId) ? eq(things.placeId, placeId) : sql`false`;
}

function typeCondition(typeId: string | null | undefined): SQL | undefined {
  if (typeId === null || typeId === undefined) return undefined;
  return isDefinitionId(typeId, 'tdefi') ? eq(things.thingTypeId, typeId) : sql`false`;
}
