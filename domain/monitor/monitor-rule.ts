import { and, eq } from 'drizzle-orm';
import {
  type MonitorVariable,
  monitorAlertIntegrations,
  monitorAlerts,
  monitorMetrics,
  monitorThings,
} from '../../db/tables/monitors.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { type CheckedAlert, type MonitorAlertInput, requireAlerts } from './monitor-alerts.js';
import {
  type CheckedMetric,
  type MonitorMetricInput,
  requireMonitorMetrics,
  requireVariables,
} from './monitor-operands.js';
import { type MonitorSpan, requireLookback, spanMinutes } from './monitor-span.js';
import { type CheckedTarget, type MonitorTarget, requireTarget } from './monitor-target.js';

/** What a monitor watches, how often, and when it raises an alert. */
export interface MonitorRuleInput {
  readonly target: MonitorTarget;
  readonly frequency: MonitorSpan;
  readonly lookback: MonitorSpan;
  readonly metrics: readonly MonitorMetricInput[];
  readonly variables: readonly MonitorVariable[];
  readonly alerts: readonly MonitorAlertInput[];
}

/** A checked rule. */
export interface MonitorRule {
  /** Columns of the monitor's own row. */
  readonly columns: Omit<CheckedTarget, 'thingIds'> & {
    readonly frequencyMinutes: number;
    readonly lookbackMinutes: number;
    readonly variables: readonly MonitorVariable[];
  };
  readonly thingIds: readonly string[];
  readonly metrics: readonly CheckedMetric[];
  readonly alerts: readonly CheckedAlert[];
}

/**
 * Checks a rule as a whole, before anything is written.
 * @param kept ids of the alerts that the monitor has
 * @throws BulkheadError BAD_USER_INPUT, FORBIDDEN for things or integrations that the actor may not read
 */
export async function requireRule(
  tx: OrgTransaction,
  input: MonitorRuleInput,
  kept: ReadonlySet<string>,
): Promise<MonitorRule> {
  requireLookback(input.frequency, input.lookback);
  const { thingIds, ...target } = await requireTarget(tx, input.target);
  const { metrics, operands: ofMetrics } = await requireMonitorMetrics(tx, input.metrics);
  const { variables, operands } = requireVariables(input.variables, ofMetrics);
  const alerts = await requireAlerts(tx, input.alerts, operands, kept);
  const columns = {
    ...target,
    frequencyMinutes: spanMinutes(input.frequency),
    lookbackMinutes: spanMinutes(input.lookback),
    variables,
  };
  return { columns, thingIds, metrics, alerts };
}

/** Writes all of a rule but the columns of the monitor's own row, in place of what was there. */
export async function replaceRule(tx: OrgTransaction, monitorId: string, rule: MonitorRule): Promise<void> {
  const { db, orgId } = tx;
  for (const table of [monitorThings, monitorMetrics, monitorAlerts]) {
    await db.delete(table).where(and(eq(table.orgId, orgId), eq(table.monitorId, monitorId)));
  }
  const owner = { orgId, monitorId };
  if (rule.thingIds.length > 0) {
    await db.insert(monitorThings).values(rule.thingIds.map((thingId) => ({ ...owner, thingId })));
  }
  await db.insert(monitorMetrics).values(rule.metrics.map((metric, ordinal) => ({ ...owner, ordinal, ...metric })));
  if (rule.alerts.length === 0) return;
  await db
    .insert(monitorAlerts)
    .values(rule.alerts.map(({ integrationIds: _, ...alert }, ordinal) => ({ ...owner, ordinal, ...alert })));
  const fired = rule.alerts.flatMap(({ id: alertId, integrationIds }) =>
    integrationIds.map((integrationId) => ({ ...owner, alertId, integrationId })),
  );
  if (fired.length > 0) await db.insert(monitorAlertIntegrations).values(fired);
}
