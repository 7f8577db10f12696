import type postgres from 'postgres';
import { arrayLiteral } from '../db/array-literal.js';
import { rollDays } from './roll-days.js';
import { isDense, rollupColumns, rollupsOfReadings } from './rollup-columns.js';
import { nextStepSize, rollupStep } from './rollup-step.js';

interface StaleHour {
  readonly thing_id: string;
  readonly metric_id: string;
  readonly at: Date;
}

const hourMs = 3_600_000;

/** Hours of the first step, before it is known how many readings they have. */
const firstStepSize = 256;

/** Computes stale hours again, and what is made of them; yields the readings read after each step. */
export async function* rollStaleHours(owner: postgres.Sql): AsyncGenerator<number, void> {
  let size = firstStepSize;
  for (;;) {
    const readings = await rollupStep(owner, (tx) => rollSome(tx, size));
    if (readings === undefined) return;
    size = nextStepSize(size, readings);
    yield readings;
  }
}

/** Undefined when no hour is stale, or all that are belong to writes under way. */
async function rollSome(tx: postgres.TransactionSql, size: number): Promise<number | undefined> {
  // Locked before anything is read: a write that has marked one of them and is not committed holds its lock, so the hour
  // is left to the next run; one that comes from here on waits, and marks the new row.
  const stale = await tx<StaleHour[]>`
    select thing_id, metric_id, at from telemetry.rollup_hours
    where is_stale order by thing_id, metric_id, at limit ${size} for update skip locked`;
  if (stale.length === 0) return undefined;
  const instants = stale.map(({ at }) => at.getTime());
  const bounds = {
    from: new Date(instants.reduce((least, at) => Math.min(least, at))),
    to: new Date(instants.reduce((most, at) => Math.max(most, at)) + hourMs),
  };
  const hours = tx`(
    select thing_id, metric_id, at as start, at + interval '1 hour' as finish
    from unnest(${arrayLiteral(stale.map((hour) => hour.thing_id))}::uuid[],
                ${arrayLiteral(stale.map((hour) => hour.metric_id))}::text[],
                ${arrayLiteral(stale.map((hour) => hour.at.toISOString()))}::timestamptz[]) as s (thing_id, metric_id, at))`;
  const [sum] = await tx<{ readings: number }[]>`
    with fresh as materialized (${rollupsOfReadings(tx, hours, '1 hour', bounds)}), filled as (
      update telemetry.rollup_hours h set is_stale = false, has_minutes = f.is_dense,
        readings = f.readings, int_sum = f.int_sum, plain_sum = f.plain_sum, huge_sum = f.huge_sum,
        first_at = f.first_at, last_at = f.last_at, first_value = f.first_value, last_value = f.last_value
      from (select *, ${isDense(tx)} as is_dense from fresh) f
      where h.thing_id = f.thing_id and h.metric_id = f.metric_id and h.at = f.at
    ), emptied as (
      delete from telemetry.rollup_hours h using ${hours} s
      where h.thing_id = s.thing_id and h.metric_id = s.metric_id and h.at = s.start
        and not exists (select from fresh f where f.thing_id = h.thing_id and f.metric_id = h.metric_id and f.at = h.at)
    )
    select coalesce(sum(readings), 0)::float8 as readings from fresh`;
  await rollMinutes(tx, hours, bounds);
  await rollDaysOf(tx, hours);
  return sum?.readings ?? 0;
}

async function rollMinutes(
  tx: postgres.TransactionSql,
  hours: postgres.PendingQuery<postgres.Row[]>,
  bounds: { readonly from: Date; readonly to: Date },
): Promise<void> {
  await tx`
    delete from telemetry.rollup_minutes m using ${hours} s
    where m.thing_id = s.thing_id and m.metric_id = s.metric_id and m.at >= s.start and m.at < s.finish`;
  const dense = tx`(
    select s.* from ${hours} s
    join telemetry.rollup_hours h on h.thing_id = s.thing_id and h.metric_id = s.metric_id and h.at = s.start
    where h.has_minutes)`;
  await tx`
    insert into telemetry.rollup_minutes (thing_id, metric_id, at, ${rollupColumns(tx)})
    select thing_id, metric_id, at, ${rollupColumns(tx)} from (${rollupsOfReadings(tx, dense, '1 minute', bounds)}) m`;
}

/**
 * Days that are not over are made when they are. The one that is being rolled up is made here as well: of a series that
 * is done it was made already, without the hours that were stale, and nobody comes back to it.
 */
async function rollDaysOf(tx: postgres.TransactionSql, hours: postgres.PendingQuery<postgres.Row[]>): Promise<void> {
  const days = tx`(
    select distinct thing_id, metric_id, date_bin('1 day', start, 'epoch') as day from ${hours} s
    where date_bin('1 day', start, 'epoch') + interval '1 day' <= (select coalesce(rolling_to, rolled) from telemetry.rollup_state))`;
  await tx`
    delete from telemetry.rollup_days d using ${days} s
    where d.thing_id = s.thing_id and d.metric_id = s.metric_id and d.at = s.day`;
  await rollDays(tx, days);
}
