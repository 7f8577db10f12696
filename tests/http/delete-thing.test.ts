import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { telemetryOf, withAdmin } from '../isolation/data-digest.js';
import { change } from '../isolation/seed.js';
import { until } from '../support/bulkhead-process.js';
import { startTestDeployment, type TestDeployment, type TestOrganization } from '../support/test-deployment.js';

let deployment: TestDeployment;
let organization: TestOrganization;
let siteId: string;
let typeId: string;

beforeAll(async () => {
  deployment = await startTestDeployment();
  organization = await deployment.createOrganization('Deleter');
  const { client } = organization;
  const metric = { name: 'report', dataType: 'JSON', defaultAggregation: 'LAST' };
  const metricIds = [(await change(client, 'createMetric', metric)).id];
  typeId = (await change(client, 'createThingType', { displayName: 'Reporter', metricIds })).id;
  siteId = (await change(client, 'createSite', { name: 'Site', address: '', latitude: 1, longitude: 2 })).id;
});
afterAll(() => deployment.stop());

const newThing = async (): Promise<string> =>
  (await change(organization.client, 'createThing', { placeId: siteId, typeId, name: 'Reporter' })).id;
const ingest = 'mutation ($input: IngestFramesInput!) { ingestFrames(input: $input) { framesIngested } }';
const reading = (thingId: string, ageMs: number, report: unknown = { ok: true }) => ({
  input: { things: [{ thingId, frames: [{ timestamp: Date.now() - ageMs, metrics: { report } }] }] },
});

describe('deleteThing beside ingest', () => {
  it('leaves no reading behind, however many calls are writing', async () => {
    const { client, orgId } = organization;
    const thingId = await newThing();
    let accepted = 0;
    const keepWriting = async (writer: number): Promise<string[]> => {
      const stopMs = Date.now() + 120_000;
      for (let round = 0; Date.now() < stopMs; round += 1) {
        const answer = await client.send(ingest, reading(thingId, round * 100 + writer));
        if (answer.errors.length > 0) return answer.errors.map((error) => error.extensions.code);
        accepted += 1;
      }
      return ['the thing took readings to the end'];
    };
    const writing = [0, 1, 2, 3].map(keepWriting);
    await until('some readings', () => (accepted >= 12 ? true : undefined));
    await change(client, 'deleteThing', { id: thingId });
    expect(await Promise.all(writing)).toEqual(Array(4).fill(['NOT_FOUND']));
    expect(await client.codes(ingest, reading(thingId, 0))).toEqual(['NOT_FOUND']);
    const { database } = await telemetryOf(deployment, orgId);
    await withAdmin(deployment.adminUrl('operational').replace(/\/[^/]*$/, `/${database}`), async (sql) => {
      const rows = await sql`
        select thing_id from telemetry.readings where thing_id = ${thingId}
        union all select thing_id from telemetry.latest where thing_id = ${thingId}`;
      expect(rows).toHaveLength(0);
    });
  });
});

describe('numbers of a reading, and names of fields', () => {
  it.each(['1e999', '[9007199254740993]', 2 ** 53, { a: [-(2 ** 60)] }])('refuses %p in JSON', async (report) => {
    const answer = await organization.client.send(ingest, reading(await newThing(), 0, report));
    expect(answer.errors[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      field: 'input.things[0].frames[0].metrics.report',
    });
    expect(answer.errors[0]?.message).toContain('write it as text');
  });

  it.each([
    ['metricIds[1]', 'latest(metricIds: ["report", "nope"]) { value }'],
    ['metricIds[0]', 'recentEvents(metricIds: ["nope"]) { at }'],
  ])('names %s', async (field, selection) => {
    const answer = await organization.client.send(`query ($id: ID!) { thing(id: $id) { ${selection} } }`, {
      id: await newThing(),
    });
    expect(answer.errors[0]?.extensions).toMatchObject({ code: 'UNKNOWN_METRIC', field });
  });
});
