import type postgres from 'postgres';
import { rollDays } from './roll-days.js';
import { isDense, replaceRollup, rollupColumns, rollupsOfReadings } from './rollup-columns.js';
import { nextStepSize, rollupStep } from './rollup-step.js';
import { weekPartitions } from './week-partitions.js';

const weekMs = 7 * 86_400_000;

/** Hours that are rolled up together, to the end of a UTC day at most, and the last series for which they are. */
interface Range {
  readonly from: Date;
  readonly to: Date;
  /** Begin of the day. */
  readonly day: Date;
  readonly isEndOfDay: boolean;
  readonly doneThing: string;
  readonly doneMetric: string;
}

interface Series {
  readonly thing_id: string;
  readonly metric_id: string;
}

/** Series of the first step, before it is known how many readings they have: a day of one may have 86,400. */
const firstStepSize = 4;

/**
 * Computes the hours between `rolled` and `closing`, and the days that end there, day by day; yields the readings read
 * after each step. How far a step came is committed with what it computed. Series are taken from `telemetry.latest`, which
 * has every series that has a reading.
 */
export async function* rollNewHours(owner: postgres.Sql): AsyncGenerator<number, void> {
  let size = firstStepSize;
  for (;;) {
    const readings = await rollupStep(owner, (tx) => rollSeries(tx, size));
    if (readings === undefined) return;
    size = nextStepSize(size, readings);
    yield readings;
  }
}

/** Rolls up some series; undefined when nothing is left to be done. */
async function rollSeries(tx: postgres.TransactionSql, size: number): Promise<number | undefined> {
  const range = (await rangeAtHand(tx)) ?? (await beginRange(tx));
  if (range === undefined) return undefined;
  const { doneThing, doneMetric } = range;
  const series = await tx<Series[]>`
    select thing_id, metric_id from telemetry.latest
    where (thing_id, metric_id) > (${doneThing}::uuid, ${doneMetric}) and at >= ${range.day}
    order by thing_id, metric_id limit ${size}`;
  const last = series.at(-1);
  if (last === undefined) {
    await tx`update telemetry.rollup_state
             set rolled = rolling_to, rolling_to = null, done_thing = default, done_metric = default`;
    return 0;
  }
  const readings = await rollHours(tx, range, last);
  await tx`update telemetry.rollup_state set done_thing = ${last.thing_id}, done_metric = ${last.metric_id}`;
  return readings;
}

async function rangeAtHand(tx: postgres.TransactionSql): Promise<Range | undefined> {
  const [range] = await tx<Range[]>`
    select rolled as from, rolling_to as to, day, rolling_to = day + interval '1 day' as "isEndOfDay",
           done_thing as "doneThing", done_metric as "doneMetric"
    from telemetry.rollup_state
    cross join lateral (select date_bin('1 day', rolled, 'epoch') as day where rolling_to is not null) d`;
  return range;
}

/** The hours to be rolled up next. Weeks without a partition have no readings and are skipped. */
async function beginRange(tx: postgres.TransactionSql): Promise<Range | undefined> {
  const [open] = await tx<{ rolledMs: number | null }[]>`
    select date_part('epoch', nullif(rolled, '-infinity')) * 1000 as "rolledMs"
    from telemetry.rollup_state where rolled < closing`;
  if (open === undefined) return undefined;
  const rolledMs = open.rolledMs ?? Number.NEGATIVE_INFINITY;
  const week = (await weekPartitions(tx)).find(({ mondayMs }) => mondayMs + weekMs > rolledMs);
  const first = week === undefined ? null : new Date(week.mondayMs);
  await tx`update telemetry.rollup_state set rolled = greatest(rolled, least(closing, ${first}::timestamptz))`;
  await tx`update telemetry.rollup_state
           set rolling_to = least(closing, date_bin('1 day', rolled, 'epoch') + interval '1 day') where rolled < closing`;
  return rangeAtHand(tx);
}

/** Rolls up the hours of a range of the series after those that are done, to `last`. */
async function rollHours(tx: postgres.TransactionSql, range: Range, last: Series): Promise<number> {
  const series = tx`(
    select thing_id, metric_id, ${range.from}::timestamptz as start, ${range.to}::timestamptz as finish
    from telemetry.latest
    where (thing_id, metric_id) > (${range.doneThing}::uuid, ${range.doneMetric})
      and (thing_id, metric_id) <= (${last.thing_id}::uuid, ${last.metric_id}) and at >= ${range.day})`;
  // A row that is there is stale, or right: who wrote since `closing` was moved has marked it.
  const [sum] = await tx<{ readings: number }[]>`
    with fresh as materialized (${rollupsOfReadings(tx, series, '1 hour', range)}), hours as (
      insert into telemetry.rollup_hours (thing_id, metric_id, at, ${rollupColumns(tx)}, has_minutes)
      select thing_id, metric_id, at, ${rollupColumns(tx)}, ${isDense(tx)}
      from fresh order by thing_id, metric_id, at
      on conflict (thing_id, metric_id, at) do nothing
      returning thing_id, metric_id, at as start, at + interval '1 hour' as finish, has_minutes
    ), minutes as (
      insert into telemetry.rollup_minutes (thing_id, metric_id, at, ${rollupColumns(tx)})
      select thing_id, metric_id, at, ${rollupColumns(tx)}
      from (${rollupsOfReadings(tx, tx`(select * from hours where has_minutes)`, '1 minute', range)}) m
      on conflict (thing_id, metric_id, at) do update set ${replaceRollup(tx)}
    )
    select coalesce(sum(readings), 0)::float8 as readings from fresh`;
  if (range.isEndOfDay) {
    await rollDays(tx, tx`(select thing_id, metric_id, ${range.day}::timestamptz as day from ${series} s)`);
  }
  return sum?.readings ?? 0;
}
