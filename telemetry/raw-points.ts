import type { TelemetryMetric } from './metric.js';
import { metricPairs } from './metric-pairs.js';
import { maxPoints, maxPointsPerSeries, requirePointCount } from './point-limits.js';
import type { PlacePoint } from './series-point.js';
import { decodeStoredValue, type StoredValue } from './stored-value.js';
import type { TelemetryDatabase } from './telemetry-database.js';
import type { ThingHandle } from './thing-handle.js';
import { type TimeWindow, windowDates } from './time-window.js';

interface RawRow extends StoredValue {
  readonly metric_id: string;
  readonly thing_id: string;
  readonly at_ms: string;
}

/**
 * Raw readings of the metrics in the window, by metric id, unordered.
 * @throws BulkheadError TOO_MANY_POINTS beyond 10,000 per metric or 50,000 in all
 */
export async function rawPoints(
  database: TelemetryDatabase,
  handles: readonly ThingHandle[],
  metrics: readonly TelemetryMetric[],
  window: TimeWindow,
): Promise<Map<string, PlacePoint[]>> {
  const points = new Map<string, PlacePoint[]>();
  const pairs = metricPairs(handles, metrics);
  const { from, to } = windowDates(window);
  // One more than allowed of each pair is enough to know; `limit` also keeps each pair on the primary key.
  const rows = await database.sql<RawRow[]>`
    select p.metric_id, p.thing_id, (extract(epoch from r.at) * 1000)::int8 as at_ms,
           r.int_value, r.double_value, r.bool_value, r.text_value, r.json_value
    from unnest(${pairs.things}::uuid[], ${pairs.metrics}::text[]) as p (thing_id, metric_id)
    cross join lateral (
      select * from telemetry.readings
      where thing_id = p.thing_id and metric_id = p.metric_id and at >= ${from} and at < ${to}
      limit ${maxPointsPerSeries + 1}
    ) r
    limit ${maxPoints + 1}`;
  const dataTypes = new Map(metrics.map((metric) => [metric.id, metric.dataType]));
  for (const row of rows) {
    const dataType = dataTypes.get(row.metric_id);
    if (dataType === undefined) continue;
    const point = { atMs: Number(row.at_ms), value: decodeStoredValue(dataType, row), thingId: row.thing_id };
    const list = points.get(row.metric_id);
    if (list === undefined) points.set(row.metric_id, [point]);
    else list.push(point);
  }
  const longest = Math.max(0, ...[...points.values()].map((list) => list.length));
  requirePointCount({ perSeries: longest, overall: rows.length });
  return points;
}
