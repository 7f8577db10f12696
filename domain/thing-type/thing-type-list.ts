import { thingTypes } from '../../db/tables/definitions.js';
import { type Lifecycle, lifecycleCondition } from '../definition/lifecycle.js';
import type { ListQuery } from '../read-page.js';
import { searchCondition } from '../search.js';

/** Thing types that the reader may see. */
export function thingTypeList(lifecycle: Lifecycle, search: string | null | undefined): ListQuery {
  const { id, displayName, deletedAt } = thingTypes;
  return {
    name: `thingTypes:${lifecycle}:${search ?? ''}`,
    table: thingTypes,
    conditions: [lifecycleCondition(lifecycle, deletedAt), searchCondition(search, [displayName], id)],
  };
}
