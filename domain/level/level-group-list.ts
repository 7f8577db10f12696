import { eq } from 'drizzle-orm';
import { levelGroups } from '../../db/tables/places.js';
import type { ListQuery } from '../read-page.js';

/** Level groups of a site. */
export function levelGroupList(siteId: string): ListQuery {
  return { name: `levelGroups:${siteId}`, table: levelGroups, conditions: [eq(levelGroups.siteId, siteId)] };
}
