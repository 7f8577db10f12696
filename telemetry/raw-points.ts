import type { TelemetryMetric } from './metric.js';
import { metricPairs } from './metric-pairs.js';
import { decodeIntegers, decodeValues, type PointColumns } from './point-columns.js';
import { maxPoints, maxPointsPerSeries, maxValueBytes, requirePointCount } from './point-limits.js';
import { valueAsJson } from './reading-totals.js';
import type { TelemetryDatabase } from './telemetry-database.js';
import type { ThingHandle } from './thing-handle.js';
import { type TimeWindow, windowDates } from './time-window.js';

interface RawRow {
  readonly metric_id: string;
  readonly points: number;
  /** Columns; null where there are more points than may be answered. */
  readonly times: string | null;
  readonly values: string | null;
  /** Place of the thing among the handles, from 1; null for a series of one thing. */
  readonly things: string | null;
}

/**
 * Raw readings of the metrics in the window, by metric id.
 * @throws BulkheadError TOO_MANY_POINTS beyond 10,000 per metric or 50,000 in all, or 16 MiB of values
 */
export async function rawPoints(
  database: TelemetryDatabase,
  handles: readonly ThingHandle[],
  metrics: readonly TelemetryMetric[],
  window: TimeWindow,
  isOfPlace: boolean,
): Promise<Map<string, PointColumns>> {
  const { sql } = database;
  const pairs = metricPairs(handles, metrics);
  const { from, to } = windowDates(window);
  const isAnswerable = sql`(
    count(*) <= ${maxPointsPerSeries}::int and sum(sum(octet_length(value))) over () <= ${maxValueBytes}::int)`;
  const things = isOfPlace ? sql`case when ${isAnswerable} then array_agg(thing)::text end` : sql`null`;
  // One more than allowed of each pair is enough to know; `limit` also keeps each pair on the primary key.
  const rows = await sql<RawRow[]>`
    select metric_id, count(*)::int4 as points, ${things} as things,
           case when ${isAnswerable} then array_agg(at_ms)::text end as times,
           case when ${isAnswerable} then string_agg(value, ',') end as values
    from (
      select metric_id, thing, round(date_part('epoch', at) * 1000)::int8 as at_ms, value
      from (
        select p.metric_id, p.thing, p.thing_id, r.at, r.value
        from unnest(${pairs.things}::uuid[], ${pairs.metrics}::text[], ${pairs.thingPlaces}::int4[])
          as p (thing_id, metric_id, thing)
        cross join lateral (
          select at, ${valueAsJson(sql)} as value from telemetry.readings
          where thing_id = p.thing_id and metric_id = p.metric_id and at >= ${from} and at < ${to}
          limit ${maxPointsPerSeries + 1}
        ) r
        limit ${maxPoints + 1}
      ) found
      order by metric_id, at, thing_id
    ) ordered
    group by metric_id`;
  requirePointCount({
    areShort: rows.every(({ values }) => values !== null),
    perSeries: Math.max(0, ...rows.map((row) => row.points)),
    overall: rows.reduce((sum, row) => sum + row.points, 0),
  });
  const dataTypes = new Map(metrics.map((metric) => [metric.id, metric.dataType]));
  return new Map(
    rows.map((row) => [
      row.metric_id,
      {
        atMs: decodeIntegers(row.times ?? '{}'),
        values: decodeValues(row.values ?? '', dataTypes.get(row.metric_id) === 'INT'),
        thingIds: row.things === null ? null : decodeIntegers(row.things).map((place) => thingIdAt(handles, place)),
      },
    ]),
  );
}

function thingIdAt(handles: readonly ThingHandle[], place: number): string {
  const handle = handles[place - 1];
  if (handle === undefined) throw new Error('a reading is of a thing that was not asked for');
  return handle.thingId;
}
