// W5 and W6 by hand: one statement in the operational database that finds what may be read, one in the telemetry
// database that writes the JSON.

const prepared = { prepare: true, simple: false };

const metricsOfThing = `
  select thing_id, metric_id from app.thing_metrics(array[$1::uuid]) where metric_id = any ($2::text[])`;

const metricsOfPlace = `
  select m.thing_id, m.metric_id
  from app.thing_metrics(array(select id from app.things where org_id = $3 and place_id = $1::uuid)) m
  where m.metric_id = any ($2::text[])`;

const binOf = {
  HOUR: `date_bin('1 hour', at, timestamptz '1970-01-01 00:00:00+00')`,
  DAY: `date_bin('1 day', at, timestamptz '1970-01-01 00:00:00+00')`,
};

const scanStatement = (unit) => `
  select s.metric_id, string_agg(concat('{"at":"', to_char(s.bin, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), '","value":', s.value, '}'),
    ',' order by s.bin)
  from (
    select p.metric_id, ${binOf[unit]} as bin, sum(r.double_value) / count(*) as value
    from unnest($1::uuid[], $2::text[]) as p (thing_id, metric_id)
    cross join lateral (
      select at, double_value from telemetry.readings
      where thing_id = p.thing_id and metric_id = p.metric_id and at >= $3::timestamptz and at < $4::timestamptz offset 0
    ) r
    group by 1, 2
  ) s
  group by s.metric_id`;

const rollupOf = { HOUR: 'telemetry.rollup_hours', DAY: 'telemetry.rollup_days' };

/** From the finished rollup table: a row a bin for one thing, sums over the things of a place. */
const rollupStatement = (field, unit) => `
  select s.metric_id, string_agg(concat('{"at":"', to_char(s.at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), '","value":', s.value, '}'),
    ',' order by s.at)
  from (
    select p.metric_id, r.at, ${field === 'thing' ? 'plain_sum / readings' : 'sum(plain_sum) / sum(readings)'} as value
    from unnest($1::uuid[], $2::text[]) as p (thing_id, metric_id)
    cross join lateral (
      select at, plain_sum, readings from ${rollupOf[unit]}
      where thing_id = p.thing_id and metric_id = p.metric_id and at >= $3::timestamptz and at < $4::timestamptz offset 0
    ) r
    ${field === 'thing' ? '' : 'group by 1, 2'}
  ) s
  group by s.metric_id`;

/**
 * Answers W5 and W6.
 * @param field `thing` or `site`
 * @param from `rollup`, or `scan` for the readings themselves
 */
export function readSeries({ lanes, telemetryOf }, field, unit, from) {
  const statement = from === 'scan' ? scanStatement(unit) : rollupStatement(field, unit);
  return async (identity, { id, start, end, metrics }) => {
    const { orgId } = identity;
    const wanted = `{${metrics.join(',')}}`;
    const find = field === 'thing' ? [metricsOfThing, [id, wanted]] : [metricsOfPlace, [id, wanted, orgId]];
    const [rows] = await lanes.run(identity, 'read', [find]);
    const parameters = [
      `{${rows.map(([thing]) => thing).join(',')}}`,
      `{${rows.map(([, metric]) => metric).join(',')}}`,
      start,
      end,
    ];
    const points = new Map(await telemetryOf(orgId).unsafe(statement, parameters, prepared).values());
    const series = metrics.map((metric) => `{"metricId":"${metric}","points":[${points.get(metric) ?? ''}]}`).join(',');
    return `{"data":{"${field}":{"timeseries":[${series}]}}}`;
  };
}
