import { binSql } from './bin.js';
import type { BinnedRead, BinnedValue } from './binned-read.js';
import { metricPairs } from './metric-pairs.js';
import { decodeStoredValue, type StoredValue } from './stored-value.js';
import { windowDates } from './time-window.js';

interface EdgeRow extends StoredValue {
  readonly metric_id: string;
  readonly bin_ms: string;
}

/**
 * The first or last reading of each bin, over all things. Readings of one bin are ordered by (instant, thing id): of two
 * at the same instant the smaller thing id comes first, the larger one last.
 */
export async function binnedEdges(read: BinnedRead, edge: 'FIRST' | 'LAST'): Promise<BinnedValue[]> {
  const { database, handles, metrics, window, bin } = read;
  const { sql } = database;
  const { ofReading, startMs } = binSql(sql, bin);
  const pairs = metricPairs(handles, metrics);
  const { from, to } = windowDates(window);
  const outermost = edge === 'FIRST' ? sql`min(at)` : sql`max(at)`;
  const order = edge === 'FIRST' ? sql`at, thing_id` : sql`at desc, thing_id desc`;
  // `offset 0` and `limit 1` keep the planner on the primary key; a join would tempt it to scan whole weeks of all things.
  const rows = await sql<EdgeRow[]>`
    with edges as (
      select p.thing_id, p.metric_id, ${ofReading} as bin, ${outermost} as at
      from unnest(${pairs.things}::uuid[], ${pairs.metrics}::text[]) as p (thing_id, metric_id)
      cross join lateral (
        select at from telemetry.readings
        where thing_id = p.thing_id and metric_id = p.metric_id and at >= ${from} and at < ${to} offset 0
      ) r
      group by 1, 2, 3
    ), chosen as (
      select distinct on (metric_id, bin) thing_id, metric_id, bin, at
      from edges order by metric_id, bin, ${order}
    )
    select c.metric_id, ${startMs} as bin_ms, v.*
    from chosen c cross join lateral (
      select int_value, double_value, bool_value, text_value, json_value from telemetry.readings
      where thing_id = c.thing_id and metric_id = c.metric_id and at = c.at and at >= ${from} and at < ${to} limit 1
    ) v`;
  const dataTypes = new Map(metrics.map((metric) => [metric.id, metric.dataType]));
  return rows.map((row) => ({
    metricId: row.metric_id,
    atMs: Number(row.bin_ms),
    value: decodeStoredValue(dataTypes.get(row.metric_id) ?? 'STRING', row),
  }));
}
