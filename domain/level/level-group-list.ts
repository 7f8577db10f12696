import { levelGroups } from '../../db/tables/places.js';
import type { ListQuery } from '../read-page.js';

/** Level groups; see `listBelow` for those of one site. */
export function levelGroupList(): ListQuery {
  return { name: 'levelGroups', table: levelGroups, conditions: [] };
}
