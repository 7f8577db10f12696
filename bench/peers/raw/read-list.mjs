// W1 by hand: one statement per store, the JSON written by PostgreSQL, put together by thing.

/** The page: id and JSON of each thing without its latest values, ids and names of its metrics. `$1` org. */
export const listStatement = `
  with page as materialized (
    select id, name, place_id, thing_type_id, thing_type_version_id from app.things
    where org_id = $1 order by id limit 51
  ), versions as materialized (
    select v.id, concat('{"id":"', v.id, '","version":', v.version, ',"metrics":[', m.metrics, ']}') as json, m.ids, m.names
    from app.thing_type_versions v cross join lateral (
      select array_agg(d.id order by tm.position)::text as ids, array_agg(d.name order by tm.position)::text as names,
             string_agg(concat('{"id":"', d.id, '","name":', to_json(d.name), ',"unitLabel":',
               coalesce(to_json(d.unit_label)::text, 'null'), '}'), ',' order by tm.position) as metrics
      from app.thing_type_metrics tm join app.metric_definitions d on d.org_id = tm.org_id and d.id = tm.metric_id
      where tm.org_id = $1 and tm.version_id = v.id
    ) m
    where v.org_id = $1 and v.id in (select thing_type_version_id from page)
  ), types as materialized (
    select id, concat('{"id":"', id, '","displayName":', to_json(display_name), '}') as json from app.thing_types
    where org_id = $1 and id in (select thing_type_id from page)
  )
  select p.id, concat('{"id":"', p.id, '","name":', to_json(p.name), ',"place":{"id":"', s.id, '","name":', to_json(s.name),
    '},"type":', t.json, ',"typeVersion":', v.json, ',"latest":['), v.ids, v.names
  from page p join app.places s on s.org_id = $1 and s.id = p.place_id
  join versions v on v.id = p.thing_type_version_id join types t on t.id = p.thing_type_id
  order by p.id`;

/** Latest values by thing: `$1` things, `$2` metrics, `$3` their names, `$4` the oldest moment. */
export const latestStatement = `
  select p.thing_id, string_agg(concat('{"metricId":"', p.metric_id, '","metricName":', to_json(p.name), ',"at":"',
    to_char(l.at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), '","value":', l.double_value, '}'), ',' order by p.position)
  from unnest($1::uuid[], $2::text[], $3::text[]) with ordinality as p (thing_id, metric_id, name, position)
  join telemetry.latest l on l.thing_id = p.thing_id and l.metric_id = p.metric_id
  where l.at >= $4::timestamptz
  group by p.thing_id`;

const prepared = { prepare: true, simple: false };

/** Answers W1. */
export function readList({ lanes, telemetryOf, oldest }) {
  return async (identity) => {
    const { orgId } = identity;
    const [rows] = await lanes.run(identity, 'read', [[listStatement, [orgId]]]);
    const page = rows.slice(0, 50);
    const things = [];
    const metrics = [];
    const names = [];
    for (const [id, , ids, nameList] of page) {
      const inner = ids.slice(1, -1);
      things.push(...inner.split(',').fill(id));
      metrics.push(inner);
      names.push(nameList.slice(1, -1));
    }
    const parameters = [`{${things.join(',')}}`, `{${metrics.join(',')}}`, `{${names.join(',')}}`, oldest];
    const latest = new Map(await telemetryOf(orgId).unsafe(latestStatement, parameters, prepared).values());
    const nodes = page.map(([id, head]) => `${head}${latest.get(id) ?? ''}]}`).join(',');
    return `{"data":{"things":{"nodes":[${nodes}],"pageInfo":{"hasNextPage":${rows.length > 50}}}}}`;
  };
}
