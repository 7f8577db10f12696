import { and, eq, inArray, isNull, notInArray, sql } from 'drizzle-orm';
import {
  type AlertEventRow,
  alertEvents,
  type MonitorAlertRow,
  type MonitorRow,
  monitorStates,
  monitors,
} from '../../db/tables/monitors.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { newId } from '../input/id.js';
import type { ThingFinding } from './evaluate-thing.js';
import { nextTick } from './next-tick.js';
import { publishAlerts } from './publish-alerts.js';
import type { WatchedThing } from './watched-things.js';

/** What a tick of a monitor found. */
export interface Findings {
  /** The monitor as it was read. */
  readonly monitor: MonitorRow;
  readonly alerts: readonly MonitorAlertRow[];
  readonly watched: readonly WatchedThing[];
  readonly omitted: number;
  /** By thing id; none for a thing that was deleted meanwhile. */
  readonly findings: ReadonlyMap<string, ThingFinding>;
  readonly tick: Date;
}

const worstHealth = ['UNHEALTHY', 'UNKNOWN', 'HEALTHY'] as const;
const worstData = ['NO_DATA', 'STALE', 'OK'] as const;

/**
 * Records what a tick found: states of things, alerts that tripped or cleared, and when the next tick is. Nothing at all
 * where the monitor was changed since it was read.
 * @returns the events that are new, and those that have recovered
 */
export async function recordFindings(
  tx: OrgTransaction,
  { monitor, alerts, watched, omitted, findings, tick }: Findings,
): Promise<{ tripped: AlertEventRow[]; recovered: AlertEventRow[] }> {
  const ofMonitor = and(eq(monitors.orgId, tx.orgId), eq(monitors.id, monitor.id));
  const [current] = await tx.db.select().from(monitors).where(ofMonitor).for('no key update');
  if (current === undefined || !isSame(current, monitor)) return { tripped: [], recovered: [] };
  await writeStates(tx, monitor.id, findings, tick);
  const { recovered, unwatched } = await clearEvents(tx, monitor.id, findings, tick);
  const tripped = await openEvents(tx, monitor, alerts, watched, findings, tick);
  await publishAlerts(tx, [...tripped, ...recovered, ...unwatched]);
  const found = [...findings.values()];
  await tx.db
    .update(monitors)
    .set({
      // Without things there is nothing to be said.
      health: worstHealth.find((health) => found.some((each) => each.health === health)) ?? 'UNKNOWN',
      dataState: worstData.find((state) => found.some((each) => each.dataState === state)) ?? 'NO_DATA',
      evaluatedAt: tick,
      nextEvaluationAt: nextTick(monitor.frequencyMinutes),
      thingsWatched: watched.length,
      thingsOmitted: omitted,
      failure: null,
    })
    .where(ofMonitor);
  return { tripped, recovered };
}

function isSame(current: MonitorRow, read: MonitorRow): boolean {
  return (
    current.isEnabled &&
    current.updatedAt?.getTime() === read.updatedAt?.getTime() &&
    current.nextEvaluationAt.getTime() === read.nextEvaluationAt.getTime()
  );
}

async function writeStates(
  tx: OrgTransaction,
  monitorId: string,
  findings: ReadonlyMap<string, ThingFinding>,
  evaluatedAt: Date,
): Promise<void> {
  const ofMonitor = and(eq(monitorStates.orgId, tx.orgId), eq(monitorStates.monitorId, monitorId));
  const ids = [...findings.keys()];
  await tx.db
    .delete(monitorStates)
    .where(ids.length === 0 ? ofMonitor : and(ofMonitor, notInArray(monitorStates.id, ids)));
  if (ids.length === 0) return;
  await tx.db
    .insert(monitorStates)
    .values(
      [...findings].map(([id, { health, dataState, ticks }]) => ({
        ...{ orgId: tx.orgId, monitorId, id },
        ...{ health, dataState, ticks, evaluatedAt },
      })),
    )
    .onConflictDoUpdate({
      target: [monitorStates.orgId, monitorStates.monitorId, monitorStates.id],
      set: {
        health: sql`excluded.health`,
        dataState: sql`excluded.data_state`,
        ticks: sql`excluded.ticks`,
        evaluatedAt,
      },
    });
}

/** Clears the open events whose condition no longer holds, and those of things that are not watched any more. */
async function clearEvents(
  tx: OrgTransaction,
  monitorId: string,
  findings: ReadonlyMap<string, ThingFinding>,
  tick: Date,
): Promise<{ recovered: AlertEventRow[]; unwatched: AlertEventRow[] }> {
  const isOpen = and(
    eq(alertEvents.orgId, tx.orgId),
    eq(alertEvents.monitorId, monitorId),
    isNull(alertEvents.clearedAt),
  );
  const open = await tx.db.select().from(alertEvents).where(isOpen);
  const isRecovered = ({ thingId, alertId }: AlertEventRow) => findings.get(thingId)?.tripped.has(alertId) === false;
  const recovered = open.filter(isRecovered);
  const unwatched = open.filter(({ thingId }) => !findings.has(thingId));
  for (const [events, clearedReason] of [
    [recovered, 'RECOVERED'],
    [unwatched, 'NOT_WATCHED'],
  ] as const) {
    if (events.length === 0) continue;
    const ids = events.map(({ id }) => id);
    await tx.db
      .update(alertEvents)
      .set({ clearedAt: tick, clearedReason })
      .where(and(eq(alertEvents.orgId, tx.orgId), inArray(alertEvents.id, ids)));
  }
  const ended = { clearedAt: tick, clearedReason: 'RECOVERED' } as const;
  return { recovered: recovered.map((event) => ({ ...event, ...ended })), unwatched };
}

/** Opens an event for each alert that has tripped and has none: one is open at a time, however many ticks it holds. */
async function openEvents(
  tx: OrgTransaction,
  monitor: MonitorRow,
  alerts: readonly MonitorAlertRow[],
  watched: readonly WatchedThing[],
  findings: ReadonlyMap<string, ThingFinding>,
  tick: Date,
): Promise<AlertEventRow[]> {
  const rows = watched.flatMap(({ id: thingId, placeId }) =>
    alerts.flatMap(({ id: alertId, name: alertName, operand, aggregation, operator, threshold }) => {
      const value = findings.get(thingId)?.tripped.get(alertId);
      if (value === undefined) return [];
      const what = { orgId: tx.orgId, id: newId(), monitorId: monitor.id, alertId, alertName, thingId, placeId };
      return [{ ...what, operand, aggregation, operator, threshold, value, trippedAt: tick }];
    }),
  );
  const opened: AlertEventRow[] = [];
  // A statement has 65,534 parameters at most.
  for (let at = 0; at < rows.length; at += 1000) {
    const some = rows.slice(at, at + 1000);
    opened.push(...(await tx.db.insert(alertEvents).values(some).onConflictDoNothing().returning()));
  }
  return opened;
}
