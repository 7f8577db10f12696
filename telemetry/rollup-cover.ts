import type postgres from 'postgres';
import { edgesOfDays } from './bin.js';
import type { BinnedRead } from './binned-read.js';
import { metricPairs } from './metric-pairs.js';
import type { RollupLevel } from './rollup-level.js';
import { windowDates } from './time-window.js';

type Fragment = postgres.PendingQuery<postgres.Row[]>;

/**
 * Divides what a binned query reads into rollups and readings, so that each reading of the window counts once.
 *
 * What may be used is decided in the statement that reads it, by one snapshot: `telemetry.rollup_state` tells up to where
 * hours are rolled up, `is_stale` where readings were written since. So an answer is right however far the roller is.
 */
export interface RollupCover {
  /** Common table expressions; they give `pieces` (thing_id, metric_id, metric, start, finish): readings to be read. */
  readonly ctes: Fragment;
  /** The rollups to be read beside them: a table, ranges of it (as `pieces`), and a condition on its rows. */
  readonly rollups: readonly { readonly table: Fragment; readonly ranges: Fragment; readonly isUsable: Fragment }[];
  /** A condition on readings (`at`) that holds for all pieces: it tells the planner which weeks there are to look at. */
  readonly isWithin: Fragment;
  /** A query of one row: `rolled` (epoch ms, as text), `is_usable`: whether `isWithin` does hold for all pieces. */
  readonly status: Fragment;
}

/** How much of the window readings may have to be looked for in. */
export interface CoverOptions {
  readonly level: RollupLevel;
  /**
   * Epoch ms up to which hours are known to be rolled up: readings before it are only looked for in the first hour of the
   * window. Not enough where hours are stale, as `status` then says. Undefined: readings of the whole window.
   */
  readonly rolledMs?: number;
}

const hourMs = 3_600_000;

/** The cover of a query. */
export function rollupCover(read: BinnedRead, { level, rolledMs }: CoverOptions): RollupCover {
  const { sql } = read.database;
  const pairs = metricPairs(read.handles, read.metrics);
  const { from, to } = windowDates(read.window);
  const pairsCte = sql`pairs as (
    select * from unnest(${pairs.things}::uuid[], ${pairs.metrics}::text[], ${pairs.metricPlaces}::int4[])
      as p (thing_id, metric_id, metric))`;
  const isWithinWindow = sql`at >= ${from} and at < ${to}`;
  if (level === 'RAW') {
    const whole = sql`pieces as (select p.*, ${from}::timestamptz as start, ${to}::timestamptz as finish from pairs p)`;
    const status = sql`select null as rolled, true as is_usable`;
    return { ctes: sql`${pairsCte}, ${whole}`, rollups: [], isWithin: isWithinWindow, status };
  }
  const firstHour = new Date(Math.ceil(read.window.startMs / hourMs) * hourMs);
  const lastHour = new Date(Math.floor(read.window.endMs / hourMs) * hourMs);
  const ctes = sql`${pairsCte}, ${boundsCte(sql, from, to)}, ${partsOf[level](read, from, to)}`;
  const isBounded = rolledMs !== undefined && rolledMs > firstHour.getTime() && level !== 'MINUTE';
  const rolled = sql`select (date_part('epoch', nullif(rolled, '-infinity')) * 1000)::text as rolled`;
  if (!isBounded) {
    const status = sql`${rolled}, true as is_usable from telemetry.rollup_state`;
    return { ctes, rollups: rollupsOf(sql, level), isWithin: isWithinWindow, status };
  }
  const rolledHour = new Date(Math.min(rolledMs, lastHour.getTime()));
  return {
    ctes,
    rollups: rollupsOf(sql, level),
    isWithin: sql`${isWithinWindow} and (at < ${firstHour} or at >= ${rolledHour})`,
    status: sql`${rolled}, lo = ${firstHour} and hi >= ${rolledHour} and not exists (select from stale_hours)
        ${level === 'SPLIT_HOUR' ? sql`and not exists (select from split_hours where not has_minutes)` : sql``} as is_usable
      from telemetry.rollup_state cross join bounds`,
  };
}

/** The hours (`lo` to `hi`) of the window that are rolled up; where there are none, both are its end. */
function boundsCte(sql: postgres.Sql, from: Date, to: Date): Fragment {
  return sql`usable as (
    select greatest(date_bin('1 hour', ${from}::timestamptz + interval '1 hour' - interval '1 microsecond', 'epoch'),
                    removing_before) as lo,
           least(date_bin('1 hour', ${to}::timestamptz, 'epoch'), rolled) as hi, days_from
    from telemetry.rollup_state
  ), bounds as materialized (
    select case when lo < hi then lo else ${to} end as lo, case when lo < hi then hi else ${to} end as hi, days_from
    from usable)`;
}

function rollupsOf(sql: postgres.Sql, level: Exclude<RollupLevel, 'RAW'>): RollupCover['rollups'] {
  const hours = { table: sql`telemetry.rollup_hours`, ranges: sql`hour_ranges`, isUsable: sql`not is_stale` };
  const minutes = { table: sql`telemetry.rollup_minutes`, ranges: sql`dense_hours`, isUsable: sql`true` };
  const days = {
    table: sql`telemetry.rollup_days`,
    ranges: sql`day_ranges`,
    isUsable: sql`(x.thing_id, x.metric, at) not in (select thing_id, metric, day from stale_days)`,
  };
  const unsplit = { ...hours, isUsable: sql`not is_stale and at not in (select hour from splits)` };
  return { MINUTE: [minutes], HOUR: [hours], SPLIT_HOUR: [unsplit, minutes], DAY: [days, hours] }[level];
}

const partsOf: Readonly<Record<Exclude<RollupLevel, 'RAW'>, (read: BinnedRead, from: Date, to: Date) => Fragment>> = {
  MINUTE: ({ database: { sql } }, from, to) => sql`
    dense_hours as materialized (
      select p.*, h.at as start, h.at + interval '1 hour' as finish
      from bounds b cross join pairs p cross join lateral (
        select at from telemetry.rollup_hours
        where thing_id = p.thing_id and metric_id = p.metric_id and at >= b.lo and at < b.hi
          and has_minutes and not is_stale offset 0
      ) h
    ), pieces as (
      select thing_id, metric_id, metric, start, finish from (
        select thing_id, metric_id, metric, start as finish,
               lag(finish, 1, ${from}) over (partition by thing_id, metric order by start) as start
        from (
          select * from dense_hours union all select p.*, ${to}::timestamptz, ${to}::timestamptz from pairs p
        ) covered
      ) gaps
      where start < finish)`,
  HOUR: ({ database: { sql } }, from, to) => sql`
    ${staleHours(sql)}, hour_ranges as (select p.*, lo as start, hi as finish from bounds cross join pairs p),
    pieces as (${edges(sql, from, to)} union all select * from stale_hours)`,
  SPLIT_HOUR: (read, from, to) => {
    const { sql } = read.database;
    return sql`
    ${staleHours(sql)}, hour_ranges as (select p.*, lo as start, hi as finish from bounds cross join pairs p),
    splits as materialized (
      select distinct e.hour from (
        select edge, date_bin('1 hour', edge, 'epoch') as hour from (${edgesOfDays(sql, read.bin, { from, to })}) e
      ) e, bounds b where e.edge <> e.hour and e.hour >= b.lo and e.hour < b.hi
    ), split_hours as materialized (
      select p.*, s.hour as start, s.hour + interval '1 hour' as finish, h.has_minutes
      from splits s cross join pairs p
      join telemetry.rollup_hours h on h.thing_id = p.thing_id and h.metric_id = p.metric_id and h.at = s.hour
      where not h.is_stale
    ), dense_hours as (select thing_id, metric_id, metric, start, finish from split_hours where has_minutes),
    pieces as (
      ${edges(sql, from, to)} union all select * from stale_hours
      union all select thing_id, metric_id, metric, start, finish from split_hours where not has_minutes)`;
  },
  DAY: ({ database: { sql } }, from, to) => sql`
    ${staleHours(sql)}, whole_days as (
      select lo, hi, date_bin('1 day', hi, 'epoch') as last_day,
             greatest(date_bin('1 day', lo + interval '1 day' - interval '1 microsecond', 'epoch'), days_from) as first_day
      from bounds
    ), days as materialized (
      select lo, hi, case when first_day < last_day then first_day else hi end as first_day,
             case when first_day < last_day then last_day else hi end as last_day
      from whole_days
    ), stale_days as materialized (
      select distinct thing_id, metric_id, metric, date_bin('1 day', start, 'epoch') as day
      from stale_hours cross join days where start >= first_day and start < last_day
    ), day_ranges as (
      select p.*, first_day as start, last_day as finish from days cross join pairs p
    ), hour_ranges as (
      select p.*, lo as start, first_day as finish from days cross join pairs p where lo < first_day
      union all select p.*, last_day, hi from days cross join pairs p where last_day < hi
      union all select thing_id, metric_id, metric, day, day + interval '1 day' from stale_days
    ), pieces as (${edges(sql, from, to)} union all select * from stale_hours)`,
};

/** Hours of the pairs within the bounds that have to be read from readings. */
function staleHours(sql: postgres.Sql): Fragment {
  return sql`stale_hours as materialized (
    select p.*, h.at as start, h.at + interval '1 hour' as finish
    from bounds b cross join pairs p
    join telemetry.rollup_hours h on h.thing_id = p.thing_id and h.metric_id = p.metric_id
    where h.is_stale and h.at >= b.lo and h.at < b.hi)`;
}

/** What lies before the first and after the last hour that is rolled up. */
function edges(sql: postgres.Sql, from: Date, to: Date): Fragment {
  return sql`
    select p.*, ${from}::timestamptz as start, lo as finish from bounds cross join pairs p where ${from} < lo
    union all select p.*, hi, ${to}::timestamptz from bounds cross join pairs p where hi < ${to}`;
}
