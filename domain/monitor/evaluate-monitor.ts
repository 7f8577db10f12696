import { and, asc, eq, isNull } from 'drizzle-orm';
import type { Identity } from '../../auth/identity.js';
import type { Database } from '../../db/database.js';
import {
  alertEvents,
  type MonitorAlertRow,
  type MonitorRow,
  monitorAlerts,
  monitorMetrics,
  monitorStates,
  monitors,
} from '../../db/tables/monitors.js';
import { type OrgTransaction, withOrg } from '../../db/with-org.js';
import type { ThingHandle } from '../../telemetry/thing-handle.js';
import { openThings } from '../telemetry/open-things.js';
import type { TelemetryService } from '../telemetry/telemetry-service.js';
import { compileExpression } from './compile-expression.js';
import { type EvaluationRule, evaluateThing, type ThingFinding } from './evaluate-thing.js';
import { fireAlerts } from './fire-alerts.js';
import { type Operands, operandType } from './monitor-operands.js';
import { tickBefore, windowAt } from './monitor-span.js';
import { readWindow } from './read-window.js';
import { recordFindings } from './record-findings.js';
import { watchedThings } from './watched-things.js';

/** What an evaluation works with. */
export interface MonitorStores {
  readonly operational: Database;
  readonly telemetry: TelemetryService;
  /** The system, for the organization of the monitor. */
  readonly identity: Identity;
}

/**
 * Evaluates the last tick of a monitor that is due, and records what it found. Ticks that were missed, because no worker
 * ran, are not made up for. A monitor that was changed meanwhile is left to its next tick.
 * @returns false when there was nothing to do
 */
export async function evaluateMonitor(stores: MonitorStores, monitorId: string): Promise<boolean> {
  const { operational, telemetry, identity } = stores;
  const due = await withOrg(operational, identity, 'read', (tx) => readDue(tx, monitorId));
  if (due === undefined) return false;
  const { monitor, metrics, alerts, open, watched, omitted, states, openEvents } = due;
  const tickMs = tickBefore(open.nowMs, monitor.frequencyMinutes);
  const window = windowAt(tickMs, monitor.frequencyMinutes, monitor.lookbackMinutes);
  const types = typesOf(metrics, [...open.handles.values()]);
  const rule: EvaluationRule = {
    metrics: metrics.map((each) => ({ ...each, type: types[each.name] ?? 'double' })),
    variables: compiledVariables(monitor, types),
    alerts,
  };
  const findings = new Map<string, ThingFinding>();
  if (watched.length > 0) {
    await telemetry.use(identity, open, async (database) => {
      for (const { id } of watched) {
        const handle = open.handles.get(id);
        if (handle === undefined) continue;
        const readings = await readWindow(database, handle, metrics, window, open.oldestMs);
        const tripped = new Set(openEvents.filter(({ thingId }) => thingId === id).map(({ alertId }) => alertId));
        findings.set(id, evaluateThing(rule, readings, states.get(id)?.ticks ?? {}, tripped));
      }
    });
  }
  await withOrg(operational, identity, 'write', async (tx) => {
    const found = { monitor, alerts, watched, omitted, findings, tick: new Date(tickMs) };
    await fireAlerts(tx, monitor, await recordFindings(tx, found));
  });
  return true;
}

async function readDue(tx: OrgTransaction, monitorId: string) {
  const { db, orgId } = tx;
  const [monitor] = await db
    .select()
    .from(monitors)
    .where(and(eq(monitors.orgId, orgId), eq(monitors.id, monitorId)));
  if (monitor?.isEnabled !== true) return undefined;
  const { watched, omitted } = await watchedThings(tx, monitor);
  const [metrics, alerts, stateRows, openEvents, open] = await Promise.all([
    db
      .select()
      .from(monitorMetrics)
      .where(and(eq(monitorMetrics.orgId, orgId), eq(monitorMetrics.monitorId, monitorId)))
      .orderBy(asc(monitorMetrics.ordinal)),
    db
      .select()
      .from(monitorAlerts)
      .where(and(eq(monitorAlerts.orgId, orgId), eq(monitorAlerts.monitorId, monitorId)))
      .orderBy(asc(monitorAlerts.ordinal)) as Promise<MonitorAlertRow[]>,
    db
      .select()
      .from(monitorStates)
      .where(and(eq(monitorStates.orgId, orgId), eq(monitorStates.monitorId, monitorId))),
    db
      .select()
      .from(alertEvents)
      .where(and(eq(alertEvents.orgId, orgId), eq(alertEvents.monitorId, monitorId), isNull(alertEvents.clearedAt))),
    openThings(tx, watched),
  ]);
  if (open.nowMs < monitor.nextEvaluationAt.getTime()) return undefined;
  const states = new Map(stateRows.map((row) => [row.id, row]));
  return { monitor, watched, omitted, metrics, alerts, states, openEvents, open };
}

/** What the values of each metric are, as the things that have it say. */
function typesOf(
  metrics: readonly { readonly metricId: string; readonly name: string }[],
  handles: readonly ThingHandle[],
): Operands {
  const types = new Map(handles.flatMap((handle) => handle.metrics.map((metric) => [metric.id, operandType(metric)])));
  return Object.fromEntries(metrics.map(({ metricId, name }) => [name, types.get(metricId) ?? 'double']));
}

function compiledVariables({ variables }: MonitorRow, metrics: Operands): EvaluationRule['variables'] {
  const operands = { ...metrics };
  return variables.map(({ name, expression }) => {
    const compiled = compileExpression(name, expression, operands);
    operands[name] = compiled.type;
    return { name, compiled };
  });
}
