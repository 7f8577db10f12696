import { eq } from 'drizzle-orm';
import { thingTypeVersions } from '../../db/tables/definitions.js';
import type { ListQuery } from '../read-page.js';

/** Versions of a thing type that the reader may see. */
export function thingTypeVersionList(typeId: string): ListQuery {
  return {
    name: `thingTypeVersions:${typeId}`,
    table: thingTypeVersions,
    conditions: [eq(thingTypeVersions.thingTypeId, typeId)],
  };
}
