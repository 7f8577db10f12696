import { binSql } from './bin.js';
import type { BinnedRead } from './binned-read.js';
import { runBinned } from './binned-statement.js';
import { decodeIntegers, decodeValues, type PointColumns } from './point-columns.js';
import { valueAsJson } from './reading-totals.js';
import type { RollupLevel } from './rollup-level.js';

/**
 * The first or last reading of each bin, over all things, by metric id. Readings of one bin are ordered by (instant, thing
 * id): of two at the same instant the smaller thing id comes first, the larger one last.
 */
export async function binnedEdges(
  read: BinnedRead,
  level: RollupLevel,
  edge: 'FIRST' | 'LAST',
): Promise<Map<string, PointColumns>> {
  const { database, metrics, bin } = read;
  const { sql } = database;
  const { ofReading, start } = binSql(sql, bin);
  const isFirst = edge === 'FIRST';
  const outermost = isFirst ? sql`min(at)` : sql`max(at)`;
  const rolled = isFirst
    ? sql`first_at as edge_at, first_value as value`
    : sql`last_at as edge_at, last_value as value`;
  const order = isFirst ? sql`edge_at, thing_id` : sql`edge_at desc, thing_id desc`;
  const rows = await runBinned(read, level, (cover, ending) => {
    const rollups = cover.rollups.map(
      ({ table, ranges, isUsable }) => sql`union all
      select x.thing_id, x.metric_id, x.metric, ${ofReading} as bin, edge_at, value
      from ${ranges} x cross join lateral (
        select at, ${rolled} from ${table}
        where thing_id = x.thing_id and metric_id = x.metric_id and at >= x.start and at < x.finish and ${isUsable} offset 0
      ) r`,
    );
    // `offset 0` and `limit 1` keep the planner on the primary key; a join would tempt it to scan whole weeks of all
    // things. Of readings only the instant is looked for at first, and then the value of the one that was chosen.
    return sql`
    with ${cover.ctes}, parts as (
      select x.thing_id, x.metric_id, x.metric, ${ofReading} as bin, ${outermost} as edge_at, null as value
      from pieces x cross join lateral (
        select at from telemetry.readings
        where thing_id = x.thing_id and metric_id = x.metric_id and at >= x.start and at < x.finish
          and ${cover.isWithin} offset 0
      ) r
      group by 1, 2, 3, 4
      ${rollups.length === 0 ? sql`` : rollups}
    ), chosen as (
      select distinct on (metric, bin) thing_id, metric_id, metric, bin, edge_at, value
      from parts order by metric, bin, ${order}
    )
    select metric, array_agg(at_ms)::text as times, string_agg(value, ',') as values
    from (
      select c.metric, (date_part('epoch', ${start}) * 1000)::int8 as at_ms, coalesce(c.value, v.value) as value
      from chosen c left join lateral (
        select ${valueAsJson(sql)} as value from telemetry.readings
        where c.value is null and thing_id = c.thing_id and metric_id = c.metric_id and at = c.edge_at
          and ${cover.isWithin} limit 1
      ) v on true
      order by c.metric, c.bin
    ) ordered
    group by metric
    ${ending}`;
  });
  return new Map(
    rows.map(({ metric, times, values }) => {
      const asked = metrics[metric - 1];
      const decoded = decodeValues(values, asked?.dataType === 'INT');
      return [asked?.id ?? '', { atMs: decodeIntegers(times), values: decoded, thingIds: null }];
    }),
  );
}
