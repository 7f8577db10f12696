// The writes of the product's ingest, by hand: gate, readings, latest values, marks of stale rollups. Bind parameters only.

/** Metrics of things by thing id and lower-case name, in the operational database; the call is counted as usage. */
export const ingestMetrics = `
  with usage as materialized (select audit.count_usage('ingestFrames', $2))
  select m.thing_id, m.metric_id, lower(m.name) from usage cross join app.thing_metrics($1::uuid[]) m`;

export const ingestStatement = `
  with gate as materialized (
    select telemetry.begin_write($1::uuid[]) as closing
  ), incoming as materialized (
    select * from unnest($2::uuid[], $3::text[], $4::timestamptz[], $5::float8[]) as i (thing_id, metric_id, at, double_value)
    where (select closing from gate) is not null
  ), written as (
    insert into telemetry.readings as r (thing_id, metric_id, at, double_value)
    select thing_id, metric_id, at, double_value from incoming order by thing_id, metric_id, at
    on conflict (thing_id, metric_id, at) do update set
      int_value = null, double_value = excluded.double_value, bool_value = null, text_value = null, json_value = null
    where r.double_value is distinct from excluded.double_value
  ), newest as (
    insert into telemetry.latest as l (thing_id, metric_id, at, double_value)
    select distinct on (thing_id, metric_id) thing_id, metric_id, at, double_value
    from incoming order by thing_id, metric_id, at desc
    on conflict (thing_id, metric_id) do update set
      at = excluded.at, int_value = null, double_value = excluded.double_value, bool_value = null, text_value = null,
      json_value = null
    where excluded.at >= l.at
  ), stale as (
    insert into telemetry.rollup_hours as h (thing_id, metric_id, at, is_stale)
    select distinct thing_id, metric_id, date_bin('1 hour', at, 'epoch'), true
    from incoming where at < (select closing from gate) order by 1, 2, 3
    on conflict (thing_id, metric_id, at) do update set is_stale = true where not h.is_stale
  )
  select closing is null from gate`;

/**
 * Arrays of the statement from frames by thing.
 * @param rows of `ingestMetrics`
 * @returns undefined for a thing or metric that is not there
 */
export function ingestParameters(things, rows) {
  const metricIds = new Map(rows.map(([thing, metric, name]) => [`${thing} ${name}`, metric]));
  const columns = [[], [], [], []];
  let frameCount = 0;
  for (const { thingId, frames } of things) {
    for (const { timestamp, metrics } of frames) {
      frameCount += 1;
      const at = new Date(timestamp).toISOString();
      for (const name of Object.keys(metrics)) {
        const metricId = metricIds.get(`${thingId} ${name.toLowerCase()}`);
        const value = metrics[name];
        if (metricId === undefined || !Number.isFinite(value)) return undefined;
        columns[0].push(thingId);
        columns[1].push(metricId);
        columns[2].push(at);
        columns[3].push(value);
      }
    }
  }
  const distinct = [...new Set(things.map(({ thingId }) => thingId))];
  return { frameCount, parameters: [distinct, ...columns].map((column) => `{${column.join(',')}}`) };
}

/** Literal of the things that frames are for. */
export function thingsLiteral(things) {
  return `{${[...new Set(things.map(({ thingId }) => thingId))].join(',')}}`;
}

/** Number of frames of an ingest. */
export function countFrames(things) {
  return things.reduce((sum, { frames }) => sum + frames.length, 0);
}
