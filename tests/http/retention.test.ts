import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { retention } from '../../jobs/tasks/retention.js';
import { telemetryOf, withAdmin } from '../isolation/data-digest.js';
import { change } from '../isolation/seed.js';
import type { GraphqlClient } from '../support/graphql-client.js';
import { withTaskContext } from '../support/task-context.js';
import { startTestDeployment, type TestDeployment, type TestOrganization } from '../support/test-deployment.js';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

let deployment: TestDeployment;

beforeAll(async () => {
  deployment = await startTestDeployment();
});
afterAll(() => deployment.stop());

const setRetention = (client: GraphqlClient, days: number) =>
  change(client, 'setRetention', { days, confirm: true }, 'organization { retentionDays }');
const codesOf = (client: GraphqlClient, input: object) =>
  client.codes(
    'mutation ($input: SetRetentionInput!) { setRetention(input: $input) { organization { retentionDays } } }',
    { input },
  );

/** A thing of an organization that counts its readings, and another of its metrics that has not reported for long. */
interface Reporting {
  readonly organization: TestOrganization;
  readonly client: GraphqlClient;
  readonly siteId: string;
  readonly thingId: string;
}

/** Metric that has one reading only: the oldest. */
const silent = 'silent';

/** An organization that keeps readings for ten years and has one of each age. */
async function reporting(name: string, agesMs: readonly number[]): Promise<Reporting> {
  const organization = await deployment.createOrganization(name);
  const { client } = organization;
  await setRetention(client, 3650);
  const metricIds = [];
  for (const metric of ['count', silent]) {
    const input = { name: metric, dataType: 'INT', defaultAggregation: 'SUM' };
    metricIds.push((await change(client, 'createMetric', input)).id);
  }
  const typeId: string = (await change(client, 'createThingType', { displayName: 'Counter', metricIds })).id;
  const siteInput = { name: 'Site', address: 'Main Street 1', latitude: 1, longitude: 2 };
  const siteId: string = (await change(client, 'createSite', siteInput)).id;
  const thingId: string = (await change(client, 'createThing', { placeId: siteId, typeId, name: 'Counter 1' })).id;
  const now = Date.now();
  const oldest = Math.max(...agesMs);
  const frames = agesMs.map((ageMs) => ({
    timestamp: now - ageMs,
    metrics: { count: 1, ...(ageMs === oldest ? { [silent]: 1 } : {}) },
  }));
  await change(client, 'ingestFrames', { things: [{ thingId, frames }] }, 'framesIngested');
  return { organization, client, siteId, thingId };
}

/** How many readings each way of reading shows around a moment of that age, and which metrics have a latest one. */
async function seenAround({ client, thingId, siteId }: Reporting, ageMs: number) {
  const window = 'start: $start, end: $end, metricIds: ["count"]';
  const moment = Date.now() - ageMs;
  const data = await client.ok(
    `query ($thing: ID!, $site: ID!, $start: DateTime!, $end: DateTime!) {
      thing(id: $thing) {
        raw: timeseries(${window}) { points { value } }
        binned: timeseries(${window}, bin: { unit: DAY }) { points { value } }
        recentEvents(cutoff: $end, limit: 10) { readings { value } }
        latest { metricName }
      }
      site(id: $site) {
        raw: timeseries(${window}) { points { value } }
        binned: timeseries(${window}, bin: { unit: HOUR }) { points { value } }
      }
    }`,
    {
      thing: thingId,
      site: siteId,
      start: new Date(moment - 2 * hourMs).toISOString(),
      end: new Date(moment + 2 * hourMs).toISOString(),
    },
  );
  const count = (series: { points: { value: string | number }[] }[]) =>
    series.flatMap(({ points }) => points).reduce((sum, { value }) => sum + Number(value), 0);
  const { thing, site } = data;
  return {
    counts: [thing.raw, thing.binned, site.raw, site.binned].map(count).concat(thing.recentEvents.length),
    latest: thing.latest.map(({ metricName }: { metricName: string }) => metricName),
  };
}

const five = (count: number) => Array.from({ length: 5 }, () => count);

describe('setRetention', () => {
  it('takes 1 to 3,650 days and nothing else', async () => {
    const { client } = await deployment.createOrganization('Bounds');
    for (const days of [0, -1, 3651, 2 ** 31, 1.5, null, '30', true]) {
      expect([days, await codesOf(client, { days })]).toEqual([days, ['BAD_USER_INPUT']]);
    }
    expect(await codesOf(client, {})).toEqual(['BAD_USER_INPUT']);
    expect((await client.ok('{ organization { retentionDays } }')).organization.retentionDays).toBe(365);
    for (const days of [1, 3650]) {
      expect(await setRetention(client, days)).toEqual({ organization: { retentionDays: days } });
      const before = Date.now();
      const { retention } = await client.ok('{ retention { days oldest } }');
      expect(retention.days).toBe(days);
      const oldest = Date.parse(retention.oldest) + days * dayMs;
      expect(oldest).toBeGreaterThanOrEqual(before - 1000);
      expect(oldest).toBeLessThanOrEqual(Date.now() + 1000);
    }
  });

  it('needs admin on the organization', async () => {
    const organization = await deployment.createOrganization('Rights');
    const { client } = await organization.createKey({ scopes: ['read *', 'write *'] });
    expect(await codesOf(client, { days: 30 })).toEqual(['FORBIDDEN']);
  });
});

describe('the cut-off', () => {
  it('holds for all reads at once, and gives back what no job has removed', async () => {
    const around = 30 * dayMs;
    const own = await reporting('Cut', [hourMs, around - hourMs, around + hourMs]);
    const all = { counts: five(2), latest: ['count', silent] };
    expect(await seenAround(own, around)).toEqual(all);
    await setRetention(own.client, 30);
    expect(await seenAround(own, around)).toEqual({ counts: five(1), latest: ['count'] });
    await setRetention(own.client, 29);
    expect(await seenAround(own, around)).toEqual({ counts: five(0), latest: ['count'] });
    await setRetention(own.client, 3650);
    expect(await seenAround(own, around)).toEqual(all);
  });

  it('refuses an ingest with a reading before it, naming each, and stores nothing of it', async () => {
    const own = await reporting('Late', [hourMs]);
    await setRetention(own.client, 30);
    const boundary = Date.now() - 30 * dayMs;
    const frame = (timestamp: number) => ({ timestamp, metrics: { count: 1 } });
    const frames = [boundary + hourMs, boundary - hourMs, Date.now() - 2 * hourMs, boundary - dayMs].map(frame);
    const columns = ['timestamp', 'count'];
    const refusals = [
      await own.client.send(
        'mutation ($input: IngestFramesInput!) { ingestFrames(input: $input) { framesIngested } }',
        { input: { things: [{ thingId: own.thingId, frames }] } },
      ),
      await own.client.send(
        'mutation ($input: IngestColumnarInput!) { ingestColumnar(input: $input) { framesIngested } }',
        { input: { thingId: own.thingId, columns, rows: frames.map(({ timestamp }) => [timestamp, 1]) } },
      ),
    ];
    const places = ['input.things[0].frames[#].timestamp', 'input.rows[#][0]'];
    for (const [index, { errors }] of refusals.entries()) {
      expect(errors.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT']);
      const reason = expect.stringMatching(/^is before \d{4}-\d\d-\d\dT[\d:.]+Z, where retention begins$/);
      expect(errors[0]!.extensions.problem.errors).toEqual(
        ['1', '3'].map((frame) => ({ field: places[index]!.replace('#', frame), reason })),
      );
    }
    expect((await seenAround(own, 30 * dayMs)).counts).toEqual(five(0));
    const accepted = { things: [{ thingId: own.thingId, frames: frames.slice(0, 1) }] };
    await change(own.client, 'ingestFrames', accepted, 'framesIngested');
    expect((await seenAround(own, 30 * dayMs)).counts).toEqual(five(1));
  });
});

describe('the retention job', () => {
  /** Runs the job once, as a worker does. */
  const run = () => withTaskContext(deployment, (context) => retention.run({}, context));

  /** Ages of what is stored, in whole hours, youngest first; of the metrics that have a latest reading, the same. */
  async function storedAges({ organization }: Reporting): Promise<{ readings: number[]; latest: number[] }> {
    const { database } = await telemetryOf(deployment, organization.orgId);
    const url = deployment.adminUrl('operational').replace(/\/[^/]*$/, `/${database}`);
    return withAdmin(url, async (sql) => {
      const agesIn = async (table: string) => {
        const rows = await sql<{ hours: number }[]>`
          select distinct round(extract(epoch from now() - at) / 3600)::int as hours from ${sql(table)} order by 1`;
        return rows.map(({ hours }) => hours);
      };
      return { readings: await agesIn('telemetry.readings'), latest: await agesIn('telemetry.latest') };
    });
  }

  it('removes what has expired of each organization, to the hour, and of no other', async () => {
    const boundaries = [30, 400].flatMap((days) => [days * 24 - 1, days * 24 + 1]);
    const hours = [1, ...boundaries];
    const agesMs = hours.map((age) => age * hourMs);
    const [a, b, c] = [await reporting('A', agesMs), await reporting('B', agesMs), await reporting('C', agesMs)];
    await setRetention(a.client, 30);
    await setRetention(b.client, 400);
    const oldest = 400 * 24 + 1;
    for (const each of [a, b, c]) expect(await storedAges(each)).toEqual({ readings: hours, latest: [1, oldest] });
    await run();
    expect(await storedAges(a)).toEqual({ readings: [1, 30 * 24 - 1], latest: [1] });
    expect(await storedAges(b)).toEqual({ readings: hours.slice(0, -1), latest: [1] });
    expect(await storedAges(c)).toEqual({ readings: hours, latest: [1, oldest] });

    const removals = `{ auditEvents(first: 10, filter: { action: "removeExpiredTelemetry" }) {
      nodes { actorType outcome change } } }`;
    const eventsOf = async ({ client }: Reporting) => (await client.ok(removals)).auditEvents.nodes;
    for (const [each, retentionDays] of [
      [a, 30],
      [b, 400],
    ] as const) {
      expect(await eventsOf(each)).toEqual([
        { actorType: 'SYSTEM', outcome: 'SUCCEEDED', change: expect.objectContaining({ latestDeleted: 1 }) },
        {
          actorType: 'SYSTEM',
          outcome: 'INTENDED',
          change: expect.objectContaining({ retentionDays, before: expect.any(String), latest: 1 }),
        },
      ]);
    }
    expect(await eventsOf(c)).toEqual([]);

    // What was removed does not come back; what was not goes on being read.
    await setRetention(a.client, 3650);
    expect(await seenAround(a, 30 * dayMs)).toEqual({ counts: five(1), latest: ['count'] });
    expect(await seenAround(b, 30 * dayMs)).toEqual({ counts: five(2), latest: ['count'] });
    expect((await seenAround(b, 400 * dayMs)).counts).toEqual(five(1));
    expect((await seenAround(c, 400 * dayMs)).counts).toEqual(five(2));
  });
});
