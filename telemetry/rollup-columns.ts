import type postgres from 'postgres';
import { totalsOfReadings, valueAsJson } from './reading-totals.js';

type Sql = postgres.Sql | postgres.TransactionSql;

/** Columns of a rollup beside its key. */
export function rollupColumns(sql: Sql) {
  return sql`readings, int_sum, plain_sum, huge_sum, first_at, last_at, first_value, last_value`;
}

/** `set` of an insert that meets an older rollup. */
export function replaceRollup(sql: Sql) {
  return sql`
    readings = excluded.readings, int_sum = excluded.int_sum, plain_sum = excluded.plain_sum,
    huge_sum = excluded.huge_sum, first_at = excluded.first_at, last_at = excluded.last_at,
    first_value = excluded.first_value, last_value = excluded.last_value`;
}

/**
 * A query of rollups (`thing_id`, `metric_id`, `at` and `rollupColumns`) computed from readings.
 * @param ranges what to compute: a relation with thing_id, metric_id, start, finish
 * @param width of the buckets: `1 hour`, `1 minute`
 * @param bounds instants around all ranges, which spare the other weeks
 */
export function rollupsOfReadings(
  sql: Sql,
  ranges: postgres.PendingQuery<postgres.Row[]>,
  width: '1 hour' | '1 minute',
  { from, to }: { readonly from: Date; readonly to: Date },
) {
  const valueAt = (instant: postgres.PendingQuery<postgres.Row[]>) => sql`(
    select ${valueAsJson(sql)} from telemetry.readings
    where thing_id = b.thing_id and metric_id = b.metric_id and at = ${instant} and at >= ${from} and at < ${to})`;
  return sql`
    select b.*, ${valueAt(sql`b.first_at`)} as first_value, ${valueAt(sql`b.last_at`)} as last_value
    from (
      select x.thing_id, x.metric_id, r.*
      from ${ranges} x cross join lateral (
        select date_bin(${width}::interval, at, 'epoch') as at, ${totalsOfReadings(sql)},
               min(at) as first_at, max(at) as last_at
        from telemetry.readings
        where thing_id = x.thing_id and metric_id = x.metric_id and at >= x.start and at < x.finish
          and at >= ${from} and at < ${to}
        group by 1 offset 0
      ) r
    ) b`;
}

/**
 * Readings from which on an hour has rows of its minutes. Below, reading them costs less than what the minutes would take
 * on disk: see docs/decisions/0018.
 */
const readingsOfDenseHour = 240;

/** Whether an hour (column `readings`) has rows of its minutes. */
export function isDense(sql: Sql) {
  return sql`readings >= ${readingsOfDenseHour}::int4`;
}
