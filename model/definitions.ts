import { metricDefinitions, thingTypeMetrics, thingTypes, thingTypeVersions } from '../db/tables/definitions.js';
import { things } from '../db/tables/things.js';
import { thingList } from '../domain/thing/thing-list.js';
import { thingTypeVersionList } from '../domain/thing-type/thing-type-version-list.js';
import type { Entity, IdsField } from './entity.js';

/** Metric definitions. */
export const MetricDefinition: Entity = {
  table: metricDefinitions,
  id: metricDefinitions.id,
  noun: 'metric',
  fields: {
    isDeleted: { kind: 'column', column: metricDefinitions.deletedAt, form: 'isSet' },
    enumValues: { kind: 'json', column: metricDefinitions.enumValues },
  },
};

/** Thing types. */
export const ThingType: Entity = {
  table: thingTypes,
  id: thingTypes.id,
  noun: 'thing type',
  fields: {
    isDeleted: { kind: 'column', column: thingTypes.deletedAt, form: 'isSet' },
    latestVersion: {
      kind: 'one',
      type: 'ThingTypeVersion',
      key: thingTypes.latestVersionId,
      noun: 'thing type version',
    },
    versions: {
      kind: 'list',
      type: 'ThingTypeVersion',
      owner: thingTypeVersions.thingTypeId,
      list: thingTypeVersionList,
    },
    things: { kind: 'list', type: 'Thing', owner: things.thingTypeId, list: ({ search }) => thingList({ search }) },
  },
};

const metricIds: IdsField = {
  kind: 'ids',
  table: thingTypeMetrics,
  owner: thingTypeMetrics.versionId,
  value: thingTypeMetrics.metricId,
  order: thingTypeMetrics.position,
};

/** Versions of thing types. */
export const ThingTypeVersion: Entity = {
  table: thingTypeVersions,
  id: thingTypeVersions.id,
  noun: 'thing type version',
  fields: {
    typeId: { kind: 'column', column: thingTypeVersions.thingTypeId },
    metricIds,
    metrics: { kind: 'linked', type: 'MetricDefinition', ids: metricIds },
    propertyDefinitions: { kind: 'json', column: thingTypeVersions.propertyDefinitions },
  },
};
