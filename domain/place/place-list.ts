import { eq } from 'drizzle-orm';
import { places } from '../../db/tables/places.js';
import type { ListQuery } from '../read-page.js';
import { searchCondition } from '../search.js';
import type { PlaceKind } from './place-kind.js';

/** Sites or fleets that the reader may see. */
export function placeList(kind: PlaceKind, search: string | null | undefined): ListQuery {
  return {
    name: `places:${kind}:${search ?? ''}`,
    table: places,
    conditions: [eq(places.placeType, kind), searchCondition(search, [places.name], places.id)],
  };
}
