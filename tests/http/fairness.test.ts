import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestDeployment, type TestDeployment, type TestOrganization } from '../support/test-deployment.js';

let deployment: TestDeployment;
let busy: TestOrganization;
let quiet: TestOrganization;
let thingId: string;
const minuteMs = 60_000;
const metricNames = ['a', 'b', 'c', 'd', 'e'];
const newest = Math.floor(Date.now() / minuteMs) * minuteMs;

beforeAll(async () => {
  deployment = await startTestDeployment();
  [busy, quiet] = [await deployment.createOrganization('Busy'), await deployment.createOrganization('Quiet')];
  const { client } = busy;
  const metricIds: string[] = [];
  for (const name of metricNames) {
    const { createMetric } = await client.ok(
      'mutation ($input: CreateMetricInput!) { createMetric(input: $input) { id } }',
      { input: { name, dataType: 'INT', defaultAggregation: 'LAST' } },
    );
    metricIds.push(createMetric.id);
  }
  await client.ok('mutation ($input: CreateThingTypeInput!) { createThingType(input: $input) { id } }', {
    input: { displayName: 'Counter', metricIds },
  });
  const { createSite } = await client.ok(
    'mutation { createSite(input: { name: "S", latitude: 1, longitude: 2, address: "" }) { id } }',
  );
  const { createThing } = await client.ok(
    'mutation ($input: CreateThingInput!) { createThing(input: $input) { id } }',
    { input: { placeId: createSite.id, typeName: 'Counter', name: 'Counter 1' } },
  );
  thingId = createThing.id;
  for (let call = 0; call < 3; call++) {
    await client.ok('mutation ($input: IngestColumnarInput!) { ingestColumnar(input: $input) { framesIngested } }', {
      input: {
        thingId,
        columns: ['timestamp', ...metricNames],
        rows: Array.from({ length: 1000 }, (_, row) => [newest - (call * 1000 + row) * minuteMs, 1, 2, 3, 4, 5]),
      },
    });
  }
});
afterAll(() => deployment.stop());

/** As many series of all 15,000 readings as there are aliases. */
function series(aliases: number): string {
  const window = `start: "${new Date(newest - 3000 * minuteMs).toISOString()}", end: "${new Date(newest + minuteMs).toISOString()}"`;
  const fields = Array.from(
    { length: aliases },
    (_, index) => `s${index}: timeseries(${window}, bin: { unit: MINUTE }) { points { at value } }`,
  );
  return `{ thing(id: "${thingId}") { ${fields.join(' ')} } }`;
}

describe('one organization does not slow another', () => {
  it('answers at most 50,000 points in one operation, over all of its aliases', async () => {
    const { thing } = await busy.client.ok(series(3));
    const points = Object.values(thing as Record<string, { points: unknown[] }[]>).flat();
    expect(points.reduce((sum, each) => sum + each.points.length, 0)).toBe(45_000);
    const answer = await busy.client.send(series(15));
    expect(new Set(answer.errors.map((error) => error.extensions.code))).toEqual(new Set(['TOO_MANY_POINTS']));
    expect(answer.errors.length).toBe(12);
  });

  it('lets another organization in between while thirty of these wait their turn', async () => {
    let finished = 0;
    const flood = Array.from({ length: 30 }, async () => {
      await busy.client.send(series(15));
      finished += 1;
    });
    for (let index = 0; index < 3; index++) expect((await quiet.client.send('{ me { keyId } }')).status).toBe(200);
    expect(finished).toBeLessThan(30);
    await Promise.all(flood);
  });
});

describe('what an audit entry says', () => {
  it('is what was asked for, however long the values of the row are', async () => {
    const { client } = busy;
    const attributes = Object.fromEntries(Array.from({ length: 15 }, (_, index) => [`name${index}`, 'x'.repeat(1000)]));
    await client.ok('mutation ($input: UpdateThingInput!) { updateThing(input: $input) { thing { id } } }', {
      input: { id: thingId, attributes, description: 'd'.repeat(500), address: 'a'.repeat(500) },
    });
    const more = Object.fromEntries(Object.keys(attributes).map((name) => [name, 'y'.repeat(1000)]));
    await client.ok('mutation ($input: UpdateThingInput!) { updateThing(input: $input) { thing { id } } }', {
      input: { id: thingId, name: 'Renamed', attributes: { ...more, extra: 'z'.repeat(900) } },
    });
    const { auditEvents } = await client.ok(
      '{ auditEvents(first: 1, filter: { action: "updateThing" }) { nodes { change } } }',
    );
    expect(auditEvents.nodes[0].change.input).toMatchObject({ id: thingId, name: 'Renamed' });
    expect(auditEvents.nodes[0].change.before).toMatchObject({ name: 'Counter 1' });
  });
});

describe('moments', () => {
  it.each(['2026-02-30T00:00:00Z', '2026-01-01T24:00:00Z', '0000-01-01T00:00:00Z', '9999-12-31T23:59:59-23:59'])(
    'refuses %s, which no calendar has or no database keeps',
    async (moment) => {
      const answer = await busy.client.send(
        'query ($from: DateTime!) { auditEvents(first: 1, filter: { from: $from }) { nodes { id } } }',
        { from: moment },
      );
      expect(answer.status).toBe(422);
      expect(answer.errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
      expect(answer.text).not.toContain(moment);
    },
  );
});
