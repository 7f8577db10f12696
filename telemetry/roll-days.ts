import type postgres from 'postgres';
import { replaceRollup, rollupColumns } from './rollup-columns.js';

/**
 * Computes days from their hours, in the transaction in which these were computed. Stale hours are left out; a day that
 * has one is not used by anybody until the hour is computed, and the day with it.
 * @param days a relation with thing_id, metric_id, day
 */
export async function rollDays(
  tx: postgres.TransactionSql,
  days: postgres.PendingQuery<postgres.Row[]>,
): Promise<void> {
  await tx`
    insert into telemetry.rollup_days (thing_id, metric_id, at, ${rollupColumns(tx)})
    select d.thing_id, d.metric_id, d.day, h.*
    from ${days} d cross join lateral (
      select sum(readings)::int4, sum(int_sum), sum(plain_sum), sum(huge_sum), min(first_at), max(last_at),
             (array_agg(first_value order by at))[1], (array_agg(last_value order by at desc))[1]
      from telemetry.rollup_hours
      where thing_id = d.thing_id and metric_id = d.metric_id and at >= d.day and at < d.day + interval '1 day'
        and not is_stale
      having count(*) > 0
    ) h
    order by 1, 2, 3
    on conflict (thing_id, metric_id, at) do update set ${replaceRollup(tx)}`;
}
