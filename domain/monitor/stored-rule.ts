import { and, asc, eq } from 'drizzle-orm';
import {
  type MonitorRow,
  monitorAlertIntegrations,
  monitorAlerts,
  monitorMetrics,
  monitorThings,
} from '../../db/tables/monitors.js';
import type { OrgTransaction } from '../../db/with-org.js';
import type { MonitorRuleInput } from './monitor-rule.js';
import { spanOf } from './monitor-span.js';

/** The rule of a monitor as it was given, read from its tables. */
export async function storedRule(tx: OrgTransaction, monitor: MonitorRow): Promise<MonitorRuleInput> {
  const { db, orgId } = tx;
  const of = (table: { orgId: typeof monitorThings.orgId; monitorId: typeof monitorThings.monitorId }) =>
    and(eq(table.orgId, orgId), eq(table.monitorId, monitor.id));
  const [listed, metrics, alerts, fired] = await Promise.all([
    db.select().from(monitorThings).where(of(monitorThings)).orderBy(asc(monitorThings.thingId)),
    db
      .select()
      .from(monitorMetrics)
      .where(of(monitorMetrics as never))
      .orderBy(asc(monitorMetrics.ordinal)),
    db
      .select()
      .from(monitorAlerts)
      .where(of(monitorAlerts as never))
      .orderBy(asc(monitorAlerts.ordinal)),
    db
      .select()
      .from(monitorAlertIntegrations)
      .where(of(monitorAlertIntegrations as never)),
  ]);
  const isList = monitor.targetType === 'SINGLE_THING' || monitor.targetType === 'EXPLICIT_LIST';
  return {
    target: {
      type: monitor.targetType,
      placeId: monitor.placeId,
      thingTypeId: monitor.thingTypeId,
      thingIds: isList ? listed.map(({ thingId }) => thingId) : null,
    },
    frequency: spanOf(monitor.frequencyMinutes),
    lookback: spanOf(monitor.lookbackMinutes),
    metrics: metrics.map(({ metricId, name, missingData }) => ({ metricId, name, missingData })),
    variables: monitor.variables,
    alerts: alerts.map(({ id, name, operand, aggregation, operator, threshold, forTicks }) => ({
      ...{ id, name, operand, aggregation, operator, threshold, forTicks },
      integrationIds: fired.filter(({ alertId }) => alertId === id).map(({ integrationId }) => integrationId),
    })),
  };
}
