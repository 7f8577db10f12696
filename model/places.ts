import { levelGroups, levels, levelTypes, places } from '../db/tables/places.js';
import { things } from '../db/tables/things.js';
import { levelGroupList } from '../domain/level/level-group-list.js';
import { levelList } from '../domain/level/level-list.js';
import { thingList } from '../domain/thing/thing-list.js';
import type { Entity, Field } from './entity.js';

const shared: Readonly<Record<string, Field>> = {
  placeType: { kind: 'column', column: places.placeType, form: 'upper' },
  preferredDisplayMetrics: { kind: 'linked', type: 'MetricDefinition', ids: places.preferredDisplayMetricIds },
  things: { kind: 'list', type: 'Thing', owner: things.placeId, list: ({ filter }) => thingList(filter ?? {}) },
};

/** What things belong to: a site or a fleet. */
export const Place: Entity = { table: places, id: places.id, noun: 'place', fields: shared };

/** Sites: the places that have levels. */
export const Site: Entity = {
  table: places,
  id: places.id,
  noun: 'site',
  where: { column: places.placeType, value: 'Site' },
  fields: {
    ...shared,
    latitude: { kind: 'column', column: places.latitude, form: 'orZero' },
    longitude: { kind: 'column', column: places.longitude, form: 'orZero' },
    address: { kind: 'column', column: places.address, form: 'orEmpty' },
    levelTypes: { kind: 'many', type: 'LevelType', owner: levelTypes.siteId },
    levels: { kind: 'list', type: 'Level', owner: levels.siteId, list: ({ parentId }) => levelList(parentId) },
    levelGroups: { kind: 'list', type: 'LevelGroup', owner: levelGroups.siteId, list: levelGroupList },
  },
};

/** Fleets: the places that are nowhere. */
export const Fleet: Entity = {
  table: places,
  id: places.id,
  noun: 'fleet',
  where: { column: places.placeType, value: 'Fleet' },
  fields: shared,
};
