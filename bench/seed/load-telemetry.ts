import type postgres from 'postgres';
import { asAdmin } from './admin.js';
import type { Deployment } from './deployment.js';
import type { SeededOrganization } from './manifest.js';
import type { Progress } from './progress.js';
import { rollUpAll } from './roll-up-all.js';
import {
  dayCadenceMinutes,
  dayThings,
  firstWideThing,
  metricId,
  seedSizes,
  thingId,
  typeOfThing,
  wideCadenceMinutes,
  wideOrganization,
  wideType,
  yearMinutes,
  yearOrganization,
} from './seed-plan.js';
import { telemetryDatabases } from './telemetry-databases.js';

const minuteMs = 60_000;
const dayMinutes = 24 * 60;

/** Readings of some metrics of some things at a fixed cadence, up to the end of the seed. */
interface Series {
  readonly things: readonly string[];
  /** Metrics of the thing at the same position of `things`. */
  readonly metrics: readonly (readonly string[])[];
  readonly minutes: number;
  readonly cadenceMinutes: number;
}

/** Latest values and series of every organization in its own telemetry database: 1,000,000 latest values in all. */
export async function loadTelemetry(
  deployment: Deployment,
  organizations: readonly SeededOrganization[],
  endMs: number,
  progress: Progress,
): Promise<void> {
  const databases = new Map((await telemetryDatabases(deployment)).map((database) => [database.orgId, database.name]));
  for (const [number, { orgId }] of organizations.entries()) {
    const database = databases.get(orgId);
    if (database === undefined) throw new Error(`organization ${number} has no telemetry database`);
    await asAdmin(deployment, database, async (sql) => {
      await makeWeeks(sql, endMs, number === yearOrganization ? yearMinutes : dayMinutes);
      for (const series of seriesOf(number)) await loadSeries(sql, series, endMs);
      await loadNewest(sql);
      // Before the other latest values: the roller looks at every series that has one.
      await rollUpAll(deployment.addresses.provisioner, database, endMs);
      await loadLatest(sql, number, endMs);
      await sql`vacuum (analyze)`;
    });
    if (number % 10 === 9) progress.say(`telemetry of ${number + 1} organizations is loaded`);
  }
}

function seriesOf(organization: number): Series[] {
  const metricsOf = (type: number, count: number) =>
    Array.from({ length: count }, (_, position) => metricId(organization, type, position));
  const day = dayThings();
  const series: Series[] = [
    {
      things: day.map((thing) => thingId(organization, thing)),
      metrics: day.map((thing) => metricsOf(typeOfThing(organization, thing), seedSizes.metricsPerType)),
      minutes: dayMinutes,
      cadenceMinutes: dayCadenceMinutes,
    },
  ];
  if (organization === yearOrganization) {
    const metrics = metricsOf(typeOfThing(organization, 0), 1);
    series.push({ things: [thingId(organization, 0)], metrics: [metrics], minutes: yearMinutes, cadenceMinutes: 1 });
  }
  if (organization === wideOrganization) {
    const metrics = metricsOf(wideType, seedSizes.wideMetrics);
    const things = Array.from({ length: seedSizes.wideThings }, (_, index) =>
      thingId(organization, firstWideThing + index),
    );
    series.push({
      things,
      metrics: things.map(() => metrics),
      minutes: dayMinutes,
      cadenceMinutes: wideCadenceMinutes,
    });
  }
  return series;
}

async function makeWeeks(sql: postgres.Sql, endMs: number, minutes: number): Promise<void> {
  await sql`
    select telemetry.ensure_weeks(array(select generate_series(
      ${new Date(endMs - minutes * minuteMs)}::timestamptz, ${new Date(endMs)}::timestamptz, interval '1 day')
      union select ${new Date(endMs)}::timestamptz))`;
}

/** Values follow from thing, metric and minute alone. */
async function loadSeries(sql: postgres.Sql, series: Series, endMs: number): Promise<void> {
  const pairs = series.things.flatMap((thing, index) => (series.metrics[index] ?? []).map((metric) => [thing, metric]));
  await sql`
    insert into telemetry.readings (thing_id, at, double_value, metric_id)
    select p.thing_id, m.at, 20 + 10 * sin(extract(epoch from m.at) / 13751) + (hashtext(p.metric_id) % 100) / 10.0
           + (extract(epoch from m.at)::bigint / 60 % 17) / 8.0, p.metric_id
    from unnest(${literal(pairs, 0)}::uuid[], ${literal(pairs, 1)}::text[]) as p (thing_id, metric_id)
    cross join generate_series(${new Date(endMs - series.minutes * minuteMs)}::timestamptz,
      ${new Date(endMs - series.cadenceMinutes * minuteMs)}::timestamptz,
      ${series.cadenceMinutes} * interval '1 minute') as m (at)
    order by p.thing_id, p.metric_id, m.at
    on conflict do nothing`;
}

/** Of each series its last reading. */
async function loadNewest(sql: postgres.Sql): Promise<void> {
  await sql`
    insert into telemetry.latest (thing_id, at, double_value, metric_id)
    select distinct on (thing_id, metric_id) thing_id, at, double_value, metric_id from telemetry.readings
    order by thing_id, metric_id, at desc`;
}

/** A latest value for every metric of every thing that has none yet. */
export async function loadLatest(
  sql: postgres.Sql,
  organization: number,
  endMs: number,
  thingCount: number = seedSizes.thingsPerOrganization,
): Promise<void> {
  const things = Array.from({ length: thingCount }, (_, thing) => thing);
  const pairs = things.flatMap((thing) => {
    const type = typeOfThing(organization, thing);
    const count = type === wideType ? seedSizes.wideMetrics : seedSizes.metricsPerType;
    return Array.from({ length: count }, (_, position) => [
      thingId(organization, thing),
      metricId(organization, type, position),
    ]);
  });
  await sql`
    insert into telemetry.latest (thing_id, at, double_value, metric_id)
    select p.thing_id, ${new Date(endMs)}::timestamptz - interval '1 minute' - (abs(hashtext(p.thing_id::text)) % 3600) * interval '1 second',
           (abs(hashtext(p.thing_id::text || p.metric_id)) % 100000) / 1000.0, p.metric_id
    from unnest(${literal(pairs, 0)}::uuid[], ${literal(pairs, 1)}::text[]) as p (thing_id, metric_id)
    on conflict do nothing`;
}

/** Ids have no character that an array literal would quote. */
function literal(pairs: readonly (readonly string[])[], column: 0 | 1): string {
  return `{${pairs.map((pair) => pair[column]).join(',')}}`;
}
