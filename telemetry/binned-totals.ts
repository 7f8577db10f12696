import type postgres from 'postgres';
import { arrayLiteral } from '../db/array-literal.js';
import { binSql } from './bin.js';
import type { BinnedRead } from './binned-read.js';
import { runBinned } from './binned-statement.js';
import type { MetricValue, TelemetryMetric } from './metric.js';
import { decodeIntegers, decodeValues, type PointColumns } from './point-columns.js';
import { hugeScale, totalsOfReadings } from './reading-totals.js';
import { isBinABucket, type RollupLevel } from './rollup-level.js';

/** How a bin becomes a value; `INT` sums are exact, of `DOUBLE` ones the parts below and above the huge are added last. */
type TotalKind = 'COUNT' | 'INT SUM' | 'INT AVG' | 'DOUBLE SUM' | 'DOUBLE AVG';

/** COUNT, SUM and AVG of each bin, over all things, by metric id. */
export async function binnedTotals(read: BinnedRead, level: RollupLevel): Promise<Map<string, PointColumns>> {
  const { database, metrics, bin, handles } = read;
  const { sql } = database;
  const { ofReading, start } = binSql(sql, bin);
  const kinds = metrics.map(totalKind);
  // What many things, or many buckets, contribute to a bin is hashed; the rows of one thing come in order, and stay so.
  const isOneThing = handles.length === 1;
  const totals = sql`
    select metric, bin, sum(readings) as readings, sum(int_sum) as int_sum,
           sum(plain_sum) as plain_sum, sum(huge_sum) as huge_sum
    from ${isOneThing ? sql`(select * from parts order by metric, bin offset 0)` : sql`parts`} p group by 1, 2`;
  const isEachBinOnce = isOneThing && isBinABucket(bin, level);
  const rows = await runBinned(read, level, (cover, ending) => {
    const rollups = cover.rollups.map(
      ({ table, ranges, isUsable }) => sql`union all
      select x.metric, ${ofReading} as bin, readings, int_sum, plain_sum, huge_sum
      from ${ranges} x cross join lateral (
        select at, readings, int_sum, plain_sum, huge_sum from ${table}
        where thing_id = x.thing_id and metric_id = x.metric_id and at >= x.start and at < x.finish and ${isUsable} offset 0
      ) r`,
    );
    // `offset 0` keeps the planner on the primary key; a join would tempt it to scan whole weeks of all things.
    return sql`
    with ${cover.ctes}, parts as (
      select x.metric, ${ofReading} as bin, ${totalsOfReadings(sql)}
      from pieces x cross join lateral (
        select at, int_value, double_value from telemetry.readings
        where thing_id = x.thing_id and metric_id = x.metric_id and at >= x.start and at < x.finish
          and ${cover.isWithin} offset 0
      ) r
      group by 1, 2
      ${rollups.length === 0 ? sql`` : rollups}
    ), totals as (${isEachBinOnce ? sql`select * from parts` : totals})
    select metric, array_agg(at_ms)::text as times, string_agg(value, ',') as values
    from (
      select metric, (date_part('epoch', ${start}) * 1000)::int8 as at_ms, ${totalAsJson(sql, kinds)} as value
      from totals order by metric, bin
    ) ordered
    group by metric
    ${ending}`;
  });
  return new Map(
    rows.map(({ metric, times, values }) => {
      const kind = kinds[metric - 1];
      const decoded = decodeValues(values, kind === 'INT SUM');
      return [
        metrics[metric - 1]?.id ?? '',
        { atMs: decodeIntegers(times), values: values.includes('[') ? decoded.map(addHuge) : decoded, thingIds: null },
      ];
    }),
  );
}

function totalKind({ dataType, defaultAggregation }: TelemetryMetric): TotalKind {
  if (defaultAggregation === 'SUM' || defaultAggregation === 'AVG') {
    return `${dataType === 'INT' ? 'INT' : 'DOUBLE'} ${defaultAggregation}`;
  }
  return 'COUNT';
}

/**
 * SQL of the value of a bin as JSON, from the columns of `totals`. Where there are huge values, it is a pair of the sums of
 * plain ones and of huge ones. Zero has no sign.
 */
function totalAsJson(sql: postgres.Sql, kinds: readonly TotalKind[]): postgres.PendingQuery<postgres.Row[]> {
  // PostgreSQL refuses to divide where zero would come out: half of the least double, which is 5e-324, and less.
  const mean = (sum: postgres.PendingQuery<postgres.Row[]>) => sql`
    case when abs(${sum}) >= 1e-300 then ${sum} / readings
         when 2 * abs(${sum}) <= readings * '5e-324'::float8 then 0 else ${sum} / readings end`;
  const double = (plain: postgres.PendingQuery<postgres.Row[]>, huge: postgres.PendingQuery<postgres.Row[]>) => sql`
    case when huge_sum is null then (${plain} + 0)::text
         else concat('[', coalesce(${plain}, 0), ',', ${huge}, ']') end`;
  const values: Readonly<Record<TotalKind, postgres.PendingQuery<postgres.Row[]>>> = {
    COUNT: sql`readings::text`,
    'INT SUM': sql`int_sum::text`,
    'INT AVG': sql`(int_sum::float8 / readings)::text`,
    'DOUBLE SUM': double(sql`plain_sum`, sql`huge_sum`),
    'DOUBLE AVG': double(sql`(${mean(sql`plain_sum`)})`, sql`(${mean(sql`huge_sum`)})`),
  };
  const [first, ...others] = [...new Set(kinds)];
  if (first !== undefined && others.length === 0) return values[first];
  const ofKind = sql`(${arrayLiteral(kinds)}::text[])[metric]`;
  return sql`case ${ofKind} when 'COUNT' then ${values.COUNT}
    when 'INT SUM' then ${values['INT SUM']} when 'INT AVG' then ${values['INT AVG']}
    when 'DOUBLE SUM' then ${values['DOUBLE SUM']} else ${values['DOUBLE AVG']} end`;
}

/** The sum of plain and huge values, where there are huge ones. */
function addHuge(value: MetricValue): number | null {
  const [plain = 0, huge = 0] = Array.isArray(value) ? value : [value];
  const total = plain + huge * hugeScale;
  return Number.isFinite(total) ? total : null;
}
