import { eq, type SQL, sql } from 'drizzle-orm';
import { validate } from 'uuid';
import { levels } from '../../db/tables/places.js';
import type { ListQuery } from '../read-page.js';

/**
 * Levels; see `listBelow` for those of one site.
 * @param parentId only levels directly below this one; null and absent restrict nothing, a text that is no id matches
 * nothing
 */
export function levelList(parentId: string | null | undefined): ListQuery {
  return {
    name: `levels:${JSON.stringify([parentId ?? null])}`,
    table: levels,
    conditions: [parentCondition(parentId)],
  };
}

function parentCondition(parentId: string | null | undefined): SQL | undefined {
  if (parentId === null || parentId === undefined) return undefined;
  return validate(parentId) ? eq(levels.parentId, parentId) : sql`false`;
}
