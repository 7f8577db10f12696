import { thingPath } from '../../auth/scopes/resource-path.js';
import type { ThingRow } from '../../db/tables/things.js';

/** Canonical resource path of a thing. */
export function pathOfThing(thing: Pick<ThingRow, 'placeType' | 'placeId' | 'thingTypeId' | 'id'>): string {
  return thingPath(thing.placeType, thing.placeId, thing.thingTypeId, thing.id);
}
