import { arrayLiteral } from '../db/array-literal.js';
import type { MetricValue, TelemetryMetric } from './metric.js';
import { decodeStoredValue, type StoredValue } from './stored-value.js';
import type { TelemetryDatabase } from './telemetry-database.js';
import { requireHandlesOf, type ThingHandle } from './thing-handle.js';

/** The newest reading of one metric of a thing. */
export interface LatestValue {
  readonly metric: TelemetryMetric;
  readonly atMs: number;
  readonly value: MetricValue;
}

/** The newest readings of one thing. */
export interface LatestOfThing {
  readonly thingId: string;
  /** One per metric that has a retained reading, in the order of the handle's metrics. */
  readonly values: readonly LatestValue[];
}

interface LatestRow extends StoredValue {
  readonly thing_id: string;
  readonly metric_id: string;
  readonly at_ms: string;
}

/**
 * The newest reading of each metric of many things, in one statement.
 * @param oldestMs the retention cut-off of the organization: a metric whose newest reading is older has no value
 * @returns one entry per handle, in the order of the handles
 */
export async function latestValues(
  database: TelemetryDatabase,
  handles: readonly ThingHandle[],
  oldestMs: number,
): Promise<LatestOfThing[]> {
  requireHandlesOf(database, handles);
  if (handles.length === 0) return [];
  const things = [...new Set(handles.map((handle) => handle.thingId))];
  const metrics = [...new Set(handles.flatMap((handle) => handle.metrics.map((metric) => metric.id)))];
  const rows = await database.sql<LatestRow[]>`
    select thing_id, metric_id, (extract(epoch from at) * 1000)::int8 as at_ms,
           int_value, double_value, bool_value, text_value, json_value
    from telemetry.latest
    where thing_id = any (${arrayLiteral(things)}::uuid[]) and metric_id = any (${arrayLiteral(metrics)}::text[])
      and at >= ${new Date(oldestMs)}`;
  const byPair = new Map(rows.map((row) => [`${row.thing_id} ${row.metric_id}`, row]));
  return handles.map(({ thingId, metrics: own }) => ({
    thingId,
    values: own.flatMap((metric) => {
      const row = byPair.get(`${thingId} ${metric.id}`);
      if (row === undefined) return [];
      return [{ metric, atMs: Number(row.at_ms), value: decodeStoredValue(metric.dataType, row) }];
    }),
  }));
}
