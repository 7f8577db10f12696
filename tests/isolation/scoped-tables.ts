import { randomUUID } from 'node:crypto';
import type { Action } from '../../auth/scopes/action.js';
import { newDefinitionId, newId } from '../../domain/input/id.js';

/** A row as JSON or as the driver reads it. */
export type Row = Readonly<Record<string, string>>;

/** A table, and how its rows are found, changed and put under resource paths. */
export interface Table {
  readonly kind: 'operational' | 'vault';
  readonly name: string;
  /** Column that tells rows apart. */
  readonly key: string;
  /** Canonical path of a row; some are under the path of their thing. */
  readonly path: (row: Row, things: readonly Row[]) => string;
  /** Column that is updated; absent where the role may update none. */
  readonly column?: string;
  /** Action that an update needs (default write). */
  readonly updating?: readonly Action[];
  readonly deletable?: boolean;
  /** Path on which an insert is decided, and the action; absent where rows are not inserted by themselves. */
  readonly inserting?: { readonly path: Table['path']; readonly action: Action };
  /** Value of a row that is not there yet, for the key or `newColumn`. */
  readonly newKey?: () => string;
  readonly newColumn?: string;
  /** What `column` is set to (default a text with the key). */
  readonly newValue?: string;
}

const placeOf = (row: Row) => `PLACE/${row['place_type']}/${row['id']}`;
const siteOf = (row: Row) => `PLACE/Site/${row['site_id']}`;
const thingOf = (row: Row) =>
  `PLACE/${row['place_type']}/${row['place_id']}/THING/${row['thing_type_id']}/${row['id']}`;
const integrationOf = (row: Row) => `INTEGRATION/${row['direction']}/${row['type']}/${row['id']}`;
const templateOf = (row: Row) => `TEMPLATE/${row['target']}/${row['id']}`;
const revisionOf = (row: Row) => `TEMPLATE/${row['target']}/${row['template_id']}`;
const pathOfItsIntegration = (row: Row) => `INTEGRATION/${row['direction']}/${row['type']}/${row['integration_id']}`;
const pathOfItsThing = (row: Row, things: readonly Row[]) => thingOf(things.find(({ id }) => id === row['thing_id'])!);
const byWrite = (path: Table['path']) => ({ path, action: 'write' }) as const;
const partOfSite = { kind: 'operational', key: 'id', path: siteOf, deletable: true, newKey: newId } as const;
const monitorOf = (row: Row) => `MONITOR/${row['monitor_id']}`;
const partOfMonitor = {
  kind: 'operational',
  key: 'monitor_id',
  path: monitorOf,
  deletable: true,
  inserting: byWrite(monitorOf),
} as const;
const typeOf = (row: Row) => `DEFINITION/ThingType/${row['thing_type_id']}`;

/** All tables whose rows scopes are about. */
export const tables: readonly Table[] = [
  {
    kind: 'operational',
    name: 'app.organizations',
    key: 'org_id',
    path: (row) => `ORGANIZATION/${row['org_id']}`,
    column: 'display_name',
    updating: ['write', 'admin'],
  },
  {
    kind: 'operational',
    name: 'app.api_keys',
    key: 'id',
    path: (row) => `APIKEY/${row['id']}`,
    column: 'name',
    updating: ['admin'],
    inserting: { path: (row) => `APIKEY/${row['id']}`, action: 'admin' },
    newKey: () => 'AAAAAAAAAAAA',
  },
  {
    kind: 'operational',
    name: 'app.api_key_secrets',
    key: 'id',
    path: (row) => `APIKEY/${row['key_id']}`,
    column: 'valid_until',
    newValue: '2030-01-01T00:00:00Z',
    updating: ['admin'],
    inserting: { path: (row) => `APIKEY/${row['key_id']}`, action: 'admin' },
    newKey: newId,
  },
  {
    kind: 'operational',
    name: 'app.metric_definitions',
    key: 'id',
    path: (row) => `DEFINITION/Metric/${row['id']}`,
    column: 'description',
    inserting: byWrite((row) => `DEFINITION/Metric/${row['id']}`),
    newKey: () => newDefinitionId('mdef'),
  },
  {
    kind: 'operational',
    name: 'app.thing_types',
    key: 'id',
    path: (row) => `DEFINITION/ThingType/${row['id']}`,
    column: 'description',
    inserting: byWrite((row) => `DEFINITION/ThingType/${row['id']}`),
    newKey: () => newDefinitionId('tdefi'),
  },
  {
    kind: 'operational',
    name: 'app.thing_type_versions',
    key: 'id',
    path: (row) => `DEFINITION/ThingTypeVersion/${row['id']}`,
    column: 'description',
    inserting: byWrite(typeOf),
    newKey: () => newDefinitionId('tdef'),
  },
  {
    kind: 'operational',
    name: 'app.places',
    key: 'id',
    path: placeOf,
    column: 'name',
    deletable: true,
    inserting: byWrite(placeOf),
    newKey: newId,
  },
  { ...partOfSite, name: 'app.level_types', column: 'name', inserting: byWrite(siteOf) },
  { ...partOfSite, name: 'app.levels', column: 'name', inserting: byWrite(siteOf) },
  { ...partOfSite, name: 'app.level_groups', column: 'name', inserting: byWrite(siteOf) },
  { ...partOfSite, name: 'app.level_group_members', key: 'level_group_id', newKey: newId, inserting: byWrite(siteOf) },
  { ...partOfSite, name: 'app.level_type_parents', key: 'level_type_id', newKey: newId, inserting: byWrite(siteOf) },
  {
    kind: 'operational',
    name: 'app.integrations',
    key: 'id',
    path: integrationOf,
    column: 'name',
    deletable: true,
    inserting: byWrite(integrationOf),
    newKey: newId,
  },
  {
    kind: 'operational',
    name: 'app.resource_mappings',
    key: 'id',
    path: pathOfItsIntegration,
    deletable: true,
    inserting: byWrite(pathOfItsIntegration),
    newKey: newId,
  },
  {
    kind: 'operational',
    name: 'app.deliveries',
    key: 'id',
    path: pathOfItsIntegration,
    inserting: byWrite(pathOfItsIntegration),
    newKey: newId,
  },
  { kind: 'operational', name: 'app.inbound_events', key: 'id', path: pathOfItsIntegration, column: 'failure' },
  {
    kind: 'operational',
    name: 'app.things',
    key: 'id',
    path: thingOf,
    column: 'name',
    deletable: true,
    inserting: byWrite((row) => `PLACE/${row['place_type']}/${row['place_id']}`),
    newKey: newId,
  },
  {
    kind: 'operational',
    name: 'app.thing_type_metrics',
    key: 'metric_id',
    path: (row) => `DEFINITION/ThingTypeVersion/${row['version_id']}`,
    inserting: byWrite(typeOf),
    newKey: () => newDefinitionId('mdef'),
  },
  {
    kind: 'operational',
    name: 'app.thing_integrations',
    key: 'thing_id',
    path: pathOfItsThing,
    deletable: true,
    inserting: byWrite(pathOfItsThing),
    newColumn: 'integration_id',
    newKey: newId,
  },
  {
    kind: 'operational',
    name: 'app.monitors',
    key: 'id',
    path: (row) => `MONITOR/${row['id']}`,
    column: 'name',
    deletable: true,
    inserting: byWrite((row) => `MONITOR/${row['id']}`),
    newKey: newId,
  },
  { ...partOfMonitor, name: 'app.monitor_metrics', newColumn: 'ordinal', newKey: () => '7' },
  { ...partOfMonitor, name: 'app.monitor_alerts', newColumn: 'id', newKey: () => newDefinitionId('alt') },
  { ...partOfMonitor, name: 'app.monitor_alert_integrations', newColumn: 'integration_id', newKey: newId },
  { ...partOfMonitor, name: 'app.monitor_things', newColumn: 'thing_id', newKey: newId },
  {
    kind: 'operational',
    name: 'app.exports',
    key: 'id',
    path: (row) => `ORGANIZATION/${row['org_id']}`,
    column: 'downloads_begun',
    newValue: '1',
    updating: ['admin'],
    inserting: { path: (row) => `ORGANIZATION/${row['org_id']}`, action: 'admin' },
    newKey: newId,
  },
  {
    kind: 'operational',
    name: 'app.retention_states',
    key: 'org_id',
    path: (row) => `ORGANIZATION/${row['org_id']}`,
    column: 'confirmed_before',
    newValue: '2030-01-01T00:00:00Z',
    updating: ['admin'],
  },
  { kind: 'operational', name: 'app.monitor_states', key: 'monitor_id', path: monitorOf, deletable: true },
  { kind: 'operational', name: 'app.alert_events', key: 'id', path: monitorOf },
  {
    kind: 'operational',
    name: 'app.templates',
    key: 'id',
    path: templateOf,
    column: 'name',
    inserting: byWrite(templateOf),
    newKey: newId,
  },
  {
    kind: 'operational',
    name: 'app.template_revisions',
    key: 'id',
    path: revisionOf,
    inserting: byWrite(revisionOf),
    newKey: newId,
  },
  { kind: 'operational', name: 'audit.entries', key: 'id', path: () => 'AUDIT' },
  { kind: 'operational', name: 'audit.usage', key: 'action', path: () => 'AUDIT' },
  {
    kind: 'vault',
    name: 'vault.secrets',
    key: 'name',
    path: (row) => `SECRET/${row['integration_id']}`,
    column: 'updated_by',
    deletable: true,
    inserting: byWrite((row) => `SECRET/${row['integration_id']}`),
    newKey: () => `new.${randomUUID()}`,
  },
];
