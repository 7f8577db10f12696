import type { MetricDefinitionRow } from '../../db/tables/definitions.js';
import {
  type MonitorAlertRow,
  type MonitorMetricRow,
  type MonitorStateRow,
  monitorAlertIntegrations,
  monitorAlerts,
  monitorMetrics,
  monitorStates,
  monitorThings,
} from '../../db/tables/monitors.js';
import type { ThingRow } from '../../db/tables/things.js';
import { listBelow } from '../../domain/list-below.js';
import { spanOf } from '../../domain/monitor/monitor-span.js';
import { readPage } from '../../domain/read-page.js';
import { MetricDefinition } from '../../model/definitions.js';
import type { Entity, IdsField } from '../../model/entity.js';
import { Thing } from '../../model/things.js';
import { loadRelated } from '../load-related.js';
import type {
  MonitorAlertResolvers,
  MonitoredThingResolvers,
  MonitorMetricResolvers,
  MonitorResolvers,
} from '../types.generated.js';

/** Rows of a monitor come in the order in which they were given. */
const metrics: Entity = { table: monitorMetrics, id: monitorMetrics.ordinal, noun: 'metric', fields: {} };
const alerts: Entity = { table: monitorAlerts, id: monitorAlerts.ordinal, noun: 'alert', fields: {} };
const listedThings: IdsField = {
  kind: 'ids',
  table: monitorThings,
  owner: monitorThings.monitorId,
  value: monitorThings.thingId,
  order: monitorThings.thingId,
};
const firedIntegrations: IdsField = {
  kind: 'ids',
  table: monitorAlertIntegrations,
  owner: monitorAlertIntegrations.alertId,
  value: monitorAlertIntegrations.integrationId,
  order: monitorAlertIntegrations.integrationId,
};
const states = { name: 'monitoredThings', table: monitorStates, conditions: [] };

/** Fields of monitors. */
export const Monitor: MonitorResolvers = {
  target: async ({ id, targetType, placeId, thingTypeId }, _args, { loaders }) => {
    const isList = targetType === 'SINGLE_THING' || targetType === 'EXPLICIT_LIST';
    return {
      type: targetType,
      placeId,
      thingTypeId,
      thingIds: isList ? await loaders.idsOf(listedThings).load(id) : null,
    };
  },
  frequency: ({ frequencyMinutes }) => spanOf(frequencyMinutes),
  lookback: ({ lookbackMinutes }) => spanOf(lookbackMinutes),
  metrics: async ({ id }, _args, { loaders }) =>
    (await loaders.rowsOf(metrics, monitorMetrics.monitorId).load(id)) as unknown as readonly MonitorMetricRow[],
  alerts: async ({ id }, _args, { loaders }) =>
    (await loaders.rowsOf(alerts, monitorAlerts.monitorId).load(id)) as unknown as readonly MonitorAlertRow[],
  nextEvaluationAt: ({ isEnabled, nextEvaluationAt }) => (isEnabled ? nextEvaluationAt : null),
  things: ({ id }, { first, after }, { operational, identity }) =>
    readPage<MonitorStateRow>(operational, identity, listBelow(states, monitorStates.monitorId, id), { first, after }),
};

/** Fields of the metrics of a monitor. */
export const MonitorMetric: MonitorMetricResolvers = {
  metric: ({ metricId }, _args, { loaders }) =>
    loadRelated(loaders.rowOf<MetricDefinitionRow>(MetricDefinition), metricId, 'metric'),
};

/** Fields of alerts. */
export const MonitorAlert: MonitorAlertResolvers = {
  integrationIds: ({ id }, _args, { loaders }) => loaders.idsOf(firedIntegrations).load(id),
};

/** Fields of what a tick found of a thing. */
export const MonitoredThing: MonitoredThingResolvers = {
  thingId: ({ id }) => id,
  thing: ({ id }, _args, { loaders }) => loadRelated(loaders.rowOf<ThingRow>(Thing), id, 'thing'),
};
