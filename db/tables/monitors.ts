import { boolean, doublePrecision, integer, jsonb, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { history, moment, orgId } from './columns.js';
import { app } from './organizations.js';

/** A named expression over metrics and earlier variables. */
export interface MonitorVariable {
  readonly name: string;
  readonly expression: string;
}

const healths = ['HEALTHY', 'UNHEALTHY', 'UNKNOWN'] as const;
const dataStates = ['OK', 'STALE', 'NO_DATA'] as const;
const aggregations = ['FIRST', 'LAST', 'AVG', 'SUM', 'MIN', 'MAX', 'COUNT'] as const;
const operators = ['GT', 'GTE', 'LT', 'LTE', 'EQ', 'NEQ'] as const;

/** Monitors, with what the last tick found. */
export const monitors = app.table(
  'monitors',
  {
    orgId: orgId(),
    id: uuid('id').notNull(),
    name: text('name').notNull(),
    targetType: text('target_type', {
      enum: [
        'SINGLE_THING',
        'EXPLICIT_LIST',
        'ALL_THINGS_OF_TYPE',
        'ALL_THINGS_OF_TYPE_IN_PLACE',
        'ALL_THINGS_AT_PLACE',
      ],
    }).notNull(),
    placeId: uuid('place_id'),
    thingTypeId: text('thing_type_id'),
    frequencyMinutes: integer('frequency_minutes').notNull(),
    lookbackMinutes: integer('lookback_minutes').notNull(),
    variables: jsonb('variables').$type<readonly MonitorVariable[]>().notNull().default([]),
    isEnabled: boolean('is_enabled').notNull(),
    health: text('health', { enum: healths }).notNull().default('UNKNOWN'),
    dataState: text('data_state', { enum: dataStates }).notNull().default('NO_DATA'),
    evaluatedAt: moment('evaluated_at'),
    nextEvaluationAt: moment('next_evaluation_at').notNull(),
    thingsWatched: integer('things_watched').notNull().default(0),
    thingsOmitted: integer('things_omitted').notNull().default(0),
    failure: text('failure'),
    ...history(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.id] })],
);

/** The things of a monitor whose target is a list. */
export const monitorThings = app.table(
  'monitor_things',
  { orgId: orgId(), monitorId: uuid('monitor_id').notNull(), thingId: uuid('thing_id').notNull() },
  (table) => [primaryKey({ columns: [table.orgId, table.monitorId, table.thingId] })],
);

/** The metrics of a monitor, by the names that its expressions and alerts use. */
export const monitorMetrics = app.table(
  'monitor_metrics',
  {
    orgId: orgId(),
    monitorId: uuid('monitor_id').notNull(),
    ordinal: integer('ordinal').notNull(),
    metricId: text('metric_id').notNull(),
    name: text('name').notNull(),
    missingData: text('missing_data', { enum: ['NO_INFILL', 'INFILL_ZERO', 'INFILL_LAST_VALUE'] }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.monitorId, table.ordinal] })],
);

/** The alerts of a monitor. */
export const monitorAlerts = app.table(
  'monitor_alerts',
  {
    orgId: orgId(),
    monitorId: uuid('monitor_id').notNull(),
    id: text('id').notNull(),
    ordinal: integer('ordinal').notNull(),
    name: text('name').notNull(),
    operand: text('operand').notNull(),
    aggregation: text('aggregation', { enum: aggregations }).notNull(),
    operator: text('operator', { enum: operators }).notNull(),
    threshold: doublePrecision('threshold').notNull(),
    forTicks: integer('for_ticks').notNull(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.monitorId, table.id] })],
);

/** The integrations that an alert fires. */
export const monitorAlertIntegrations = app.table(
  'monitor_alert_integrations',
  {
    orgId: orgId(),
    monitorId: uuid('monitor_id').notNull(),
    alertId: text('alert_id').notNull(),
    integrationId: uuid('integration_id').notNull(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.monitorId, table.alertId, table.integrationId] })],
);

/** What the last tick found of each thing. Lists are ordered by `id`, which is that of the thing. */
export const monitorStates = app.table(
  'monitor_states',
  {
    orgId: orgId(),
    monitorId: uuid('monitor_id').notNull(),
    id: uuid('thing_id').notNull(),
    health: text('health', { enum: healths }).notNull(),
    dataState: text('data_state', { enum: dataStates }).notNull(),
    ticks: jsonb('ticks').$type<Readonly<Record<string, number>>>().notNull(),
    evaluatedAt: moment('evaluated_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.monitorId, table.id] })],
);

/** Alerts that tripped. */
export const alertEvents = app.table(
  'alert_events',
  {
    orgId: orgId(),
    id: uuid('id').notNull(),
    monitorId: uuid('monitor_id').notNull(),
    alertId: text('alert_id').notNull(),
    alertName: text('alert_name').notNull(),
    thingId: uuid('thing_id').notNull(),
    placeId: uuid('place_id').notNull(),
    operand: text('operand').notNull(),
    aggregation: text('aggregation', { enum: aggregations }).notNull(),
    operator: text('operator', { enum: operators }).notNull(),
    threshold: doublePrecision('threshold').notNull(),
    value: doublePrecision('value').notNull(),
    trippedAt: moment('tripped_at').notNull(),
    clearedAt: moment('cleared_at'),
    clearedReason: text('cleared_reason', {
      enum: ['RECOVERED', 'MONITOR_CHANGED', 'MONITOR_DISABLED', 'NOT_WATCHED'],
    }),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.id] })],
);

/** A row of `app.monitors`. */
export type MonitorRow = typeof monitors.$inferSelect;
/** A row of `app.monitor_metrics`. */
export type MonitorMetricRow = typeof monitorMetrics.$inferSelect;
/** A row of `app.monitor_alerts`. */
export type MonitorAlertRow = typeof monitorAlerts.$inferSelect;
/** A row of `app.monitor_states`. */
export type MonitorStateRow = typeof monitorStates.$inferSelect;
/** A row of `app.alert_events`. */
export type AlertEventRow = typeof alertEvents.$inferSelect;
