import { binSql } from './bin.js';
import type { BinnedRead, BinnedValue } from './binned-read.js';
import type { MetricValue, TelemetryMetric } from './metric.js';
import { metricPairs } from './metric-pairs.js';
import { windowDates } from './time-window.js';

interface TotalRow {
  readonly metric_id: string;
  readonly bin_ms: string;
  readonly readings: string;
  /** Exact, of any length; null where the metric is no INT. */
  readonly int_sum: string | null;
  /** Sum of the doubles up to `hugeFrom`; null where there is none. */
  readonly plain_sum: number | null;
  /** Sum of the larger ones, divided by `hugeScale`; null where there is none. */
  readonly huge_sum: number | null;
}

/**
 * PostgreSQL fails a whole statement whose sum leaves the range of a double. Values from here on are summed apart, scaled
 * down by a power of two (which is exact), so that no sum can overflow before it is known whether the result fits.
 */
const hugeFrom = 1e290;
const hugeScale = 2 ** 64;

/** COUNT, SUM and AVG of each bin, over all readings of all things. */
export async function binnedTotals(read: BinnedRead): Promise<BinnedValue[]> {
  const { database, handles, metrics, window, bin } = read;
  const { sql } = database;
  const { ofReading, startMs } = binSql(sql, bin);
  const pairs = metricPairs(handles, metrics);
  const { from, to } = windowDates(window);
  const rows = await sql<TotalRow[]>`
    with totals as (
      select p.metric_id, ${ofReading} as bin, count(*) as readings, sum(int_value) as int_sum,
             sum(double_value) filter (where abs(double_value) < ${hugeFrom}::float8) as plain_sum,
             sum(double_value / ${hugeScale}::float8) filter (where abs(double_value) >= ${hugeFrom}::float8) as huge_sum
      from unnest(${pairs.things}::uuid[], ${pairs.metrics}::text[]) as p (thing_id, metric_id)
      cross join lateral (
        select at, int_value, double_value from telemetry.readings
        where thing_id = p.thing_id and metric_id = p.metric_id and at >= ${from} and at < ${to} offset 0
      ) r
      group by 1, 2
    )
    select metric_id, ${startMs} as bin_ms, readings, int_sum, plain_sum, huge_sum from totals`;
  const byId = new Map(metrics.map((metric) => [metric.id, metric]));
  return rows.flatMap((row) => {
    const metric = byId.get(row.metric_id);
    return metric === undefined
      ? []
      : [{ metricId: metric.id, atMs: Number(row.bin_ms), value: totalValue(metric, row) }];
  });
}

function totalValue(metric: TelemetryMetric, row: TotalRow): MetricValue {
  const count = Number(row.readings);
  if (metric.defaultAggregation === 'COUNT') return count;
  const isSum = metric.defaultAggregation === 'SUM';
  if (metric.dataType === 'INT') return isSum ? row.int_sum : Number(row.int_sum) / count;
  const divisor = isSum ? 1 : count;
  const total = (row.plain_sum ?? 0) / divisor + ((row.huge_sum ?? 0) / divisor) * hugeScale;
  return Number.isFinite(total) ? total : null;
}
