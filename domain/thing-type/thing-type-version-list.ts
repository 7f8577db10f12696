import { thingTypeVersions } from '../../db/tables/definitions.js';
import type { ListQuery } from '../read-page.js';

/** Versions of thing types that the reader may see; see `listBelow` for those of one type. */
export function thingTypeVersionList(): ListQuery {
  return { name: 'thingTypeVersions', table: thingTypeVersions, conditions: [] };
}
