import { validate } from 'uuid';
import { organizations } from '../db/tables/organizations.js';
import { integrations } from '../db/tables/things.js';
import { isDefinitionId } from '../domain/input/id.js';
import { integrationList } from '../domain/integration/integration-list.js';
import { metricList } from '../domain/metric/metric-list.js';
import { placeList } from '../domain/place/place-list.js';
import { thingList } from '../domain/thing/thing-list.js';
import { thingTypeList } from '../domain/thing-type/thing-type-list.js';
import { MetricDefinition, ThingType, ThingTypeVersion } from './definitions.js';
import type { Entity, ListRoot, NodeRoot } from './entity.js';
import { Level, LevelGroup, LevelType } from './levels.js';
import { Monitor } from './monitors.js';
import { Fleet, Place, Site } from './places.js';
import { Template } from './templates.js';
import { Thing } from './things.js';

/** The organization itself: its id is that of the context. */
const Organization: Entity = {
  table: organizations,
  id: organizations.orgId,
  noun: 'organization',
  fields: { id: { kind: 'column', column: organizations.orgId } },
};

/** Integrations; their secrets are in another store, and their logs are read without a plan. */
const Integration: Entity = {
  table: integrations,
  id: integrations.id,
  noun: 'integration',
  fields: { resources: { kind: 'json', column: integrations.resources } },
};

/** Types of the schema whose objects are rows. */
export const entities: Readonly<Record<string, Entity>> = {
  Organization,
  Place,
  Site,
  Fleet,
  Level,
  LevelType,
  LevelGroup,
  Thing,
  MetricDefinition,
  ThingType,
  ThingTypeVersion,
  Integration,
  Monitor,
  Template,
};

const uuid = (id: string) => (validate(id) ? id.toLowerCase() : undefined);
const definitionId = (prefix: 'mdef' | 'tdefi' | 'tdef') => (id: string) =>
  isDefinitionId(id, prefix) ? id : undefined;

/** Fields of the query type that lead to rows. */
export const roots: Readonly<Record<string, NodeRoot | ListRoot>> = {
  organization: { kind: 'node', type: 'Organization', noun: 'organization' },
  sites: { kind: 'list', type: 'Site', list: ({ search }) => placeList('Site', search) },
  site: { kind: 'node', type: 'Site', noun: 'site', idOf: uuid },
  fleets: { kind: 'list', type: 'Fleet', list: ({ search }) => placeList('Fleet', search) },
  fleet: { kind: 'node', type: 'Fleet', noun: 'fleet', idOf: uuid },
  things: { kind: 'list', type: 'Thing', list: ({ filter }) => thingList(filter ?? {}) },
  thing: { kind: 'node', type: 'Thing', noun: 'thing', idOf: uuid },
  metricDefinitions: {
    kind: 'list',
    type: 'MetricDefinition',
    list: ({ lifecycle, search }) => metricList(lifecycle, search),
  },
  metricDefinition: { kind: 'node', type: 'MetricDefinition', noun: 'metric', idOf: definitionId('mdef') },
  thingTypes: {
    kind: 'list',
    type: 'ThingType',
    list: ({ lifecycle, search }) => thingTypeList(lifecycle, search),
  },
  thingType: { kind: 'node', type: 'ThingType', noun: 'thing type', idOf: definitionId('tdefi') },
  thingTypeVersion: {
    kind: 'node',
    type: 'ThingTypeVersion',
    noun: 'thing type version',
    idOf: definitionId('tdef'),
  },
  integrations: { kind: 'list', type: 'Integration', list: (args) => integrationList(args) },
  integration: { kind: 'node', type: 'Integration', noun: 'integration', idOf: uuid },
};
