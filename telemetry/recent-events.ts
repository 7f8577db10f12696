import { arrayLiteral } from '../db/array-literal.js';
import { invalidInput } from '../errors/bulkhead-error.js';
import type { MetricValue, TelemetryMetric } from './metric.js';
import { requirePointCount } from './point-limits.js';
import { selectMetrics } from './select-metrics.js';
import { decodeStoredValue, type StoredValue } from './stored-value.js';
import type { TelemetryDatabase } from './telemetry-database.js';
import { requireHandlesOf, type ThingHandle } from './thing-handle.js';
import { requireInstant, windowDates } from './time-window.js';

/** What is asked of the newest events of a thing. */
export interface RecentEventsQuery {
  /** Events before this instant, epoch ms, exclusive. */
  readonly cutoffMs: number;
  /** Events at most, 1–1,000, default 10. */
  readonly limit?: number;
  /** How far before `cutoffMs` to look, in days of 24 hours, 1–30, default 1. */
  readonly lookbackDays?: number;
  /** Ids or names (any case) of metrics; without it, all. */
  readonly metrics?: readonly string[];
  /** The retention cut-off of the organization, epoch ms. */
  readonly oldestMs: number;
}

/** All values that a thing reported for one instant. */
export interface RecentEvent {
  readonly atMs: number;
  /** In the order of the metrics asked for. */
  readonly values: readonly { readonly metric: TelemetryMetric; readonly value: MetricValue }[];
}

const dayMs = 86_400_000;

interface EventRow extends StoredValue {
  readonly metric_id: string;
  readonly at_ms: string;
}

/**
 * The newest events of a thing, newest first.
 * @throws BulkheadError UNKNOWN_METRIC, BAD_USER_INPUT, TOO_MANY_POINTS (limit × metrics over 50,000)
 */
export async function recentEvents(
  database: TelemetryDatabase,
  handle: ThingHandle,
  query: RecentEventsQuery,
): Promise<RecentEvent[]> {
  requireHandlesOf(database, [handle]);
  const { cutoffMs, limit = 10, lookbackDays = 1 } = query;
  requireWithin('limit', limit, 1_000);
  requireWithin('lookbackDays', lookbackDays, 30);
  const metrics = selectMetrics([handle], query.metrics);
  requirePointCount({ perSeries: limit, overall: limit * metrics.length });
  requireInstant('cutoff', cutoffMs);
  const window = { startMs: Math.max(cutoffMs - lookbackDays * dayMs, query.oldestMs), endMs: cutoffMs };
  if (window.startMs >= window.endMs) return [];
  const { from, to } = windowDates(window);
  // The newest `limit` instants of all metrics are among the newest `limit` of each.
  const rows = await database.sql<EventRow[]>`
    select metric_id, (extract(epoch from at) * 1000)::int8 as at_ms,
           int_value, double_value, bool_value, text_value, json_value
    from (
      select r.*, dense_rank() over (order by r.at desc) as event
      from unnest(${arrayLiteral(metrics.map((metric) => metric.id))}::text[]) as m (id)
      cross join lateral (
        select * from telemetry.readings
        where thing_id = ${handle.thingId}::uuid and metric_id = m.id and at >= ${from} and at < ${to}
        order by at desc limit ${limit}
      ) r
    ) ranked
    where event <= ${limit}`;
  return groupEvents(metrics, rows);
}

function groupEvents(metrics: readonly TelemetryMetric[], rows: readonly EventRow[]): RecentEvent[] {
  const byInstant = new Map<number, Map<string, EventRow>>();
  for (const row of rows) {
    const atMs = Number(row.at_ms);
    const event = byInstant.get(atMs) ?? new Map<string, EventRow>();
    byInstant.set(atMs, event.set(row.metric_id, row));
  }
  const newestFirst = [...byInstant].sort(([left], [right]) => right - left);
  return newestFirst.map(([atMs, event]) => ({
    atMs,
    values: metrics.flatMap((metric) => {
      const row = event.get(metric.id);
      return row === undefined ? [] : [{ metric, value: decodeStoredValue(metric.dataType, row) }];
    }),
  }));
}

function requireWithin(field: string, value: number, largest: number): void {
  if (!Number.isInteger(value) || value < 1 || value > largest) {
    throw invalidInput(field, `lies between 1 and ${largest}`);
  }
}
