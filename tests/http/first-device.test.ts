import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestDeployment, type TestDeployment, type TestOrganization } from '../support/test-deployment.js';

let deployment: TestDeployment;
let organization: TestOrganization;

beforeAll(async () => {
  deployment = await startTestDeployment();
  organization = await deployment.createOrganization('First Device');
});
afterAll(() => deployment.stop());

describe('a stranger models a device, sends telemetry and reads it back', () => {
  it('goes from nothing to a reading', async () => {
    const { client } = organization;
    const { createMetric } = await client.ok(
      `mutation ($input: CreateMetricInput!) { createMetric(input: $input) { metric { id name dataType isDeleted } } }`,
      {
        input: {
          name: 'soc',
          displayName: 'State of charge',
          dataType: 'DOUBLE',
          defaultAggregation: 'LAST',
          unitLabel: '%',
        },
      },
    );
    expect(createMetric.metric).toMatchObject({ name: 'soc', dataType: 'DOUBLE', isDeleted: false });
    expect(createMetric.metric.id).toMatch(/^mdef_[0-9a-z]{26}$/);

    const { createThingType } = await client.ok(
      `mutation ($input: CreateThingTypeInput!) {
        createThingType(input: $input) { thingType { id displayName latestVersionNumber latestVersion { id metricIds metrics { name } } } }
      }`,
      { input: { displayName: 'Battery', metricIds: [createMetric.metric.id] } },
    );
    expect(createThingType.thingType).toMatchObject({
      displayName: 'Battery',
      latestVersionNumber: 1,
      latestVersion: { metricIds: [createMetric.metric.id], metrics: [{ name: 'soc' }] },
    });

    const { createSite } = await client.ok(
      `mutation { createSite(input: { name: "Depot", latitude: 52.5, longitude: 13.4, address: "Main Street 1" }) { site { id name address } } }`,
    );
    const siteId = createSite.site.id;
    const { createThing } = await client.ok(
      `mutation ($input: CreateThingInput!) { createThing(input: $input) { thing { id name place { id __typename } type { displayName } } } }`,
      { input: { placeId: siteId, name: 'Battery 1', typeName: 'Battery', typeId: createThingType.thingType.id } },
    );
    const thing = createThing.thing;
    expect(thing).toMatchObject({
      name: 'Battery 1',
      place: { id: siteId, __typename: 'Site' },
      type: { displayName: 'Battery' },
    });

    const now = Date.now();
    const { ingestFrames } = await client.ok(
      `mutation ($input: IngestFramesInput!) { ingestFrames(input: $input) { framesIngested things { thingId framesIngested metrics } } }`,
      {
        input: {
          things: [
            {
              thingId: thing.id,
              frames: [
                { timestamp: now - 60_000, metrics: { SOC: 50 } },
                { timestamp: String(now - 30_000), metrics: { soc: '62.5' } },
              ],
            },
          ],
        },
      },
    );
    expect(ingestFrames).toEqual({
      framesIngested: 2,
      things: [{ thingId: thing.id, framesIngested: 2, metrics: ['soc'] }],
    });

    const read = await client.ok(
      `query ($id: ID!, $site: ID!, $start: DateTime!, $end: DateTime!) {
        thing(id: $id) {
          latest { metricName value at metric { unitLabel } }
          timeseries(start: $start, end: $end) { metricName aggregation points { at value } }
          hourly: timeseries(start: $start, end: $end, bin: { unit: DAY, value: 1 }) { aggregation points { value } }
          recentEvents(limit: 1) { at readings { metricName value } }
        }
        site(id: $site) { timeseries(start: $start, end: $end, bin: { unit: DAY }, metricIds: ["soc"]) { points { value thingId } } }
        things(first: 10, filter: { placeId: $site }) { totalCount edges { node { id } } pageInfo { hasNextPage } }
      }`,
      {
        id: thing.id,
        site: siteId,
        start: new Date(now - 3_600_000).toISOString(),
        end: new Date(now + 1000).toISOString(),
      },
    );
    expect(read.thing.latest).toEqual([
      { metricName: 'soc', value: 62.5, at: new Date(now - 30_000).toISOString(), metric: { unitLabel: '%' } },
    ]);
    expect(read.thing.timeseries).toEqual([
      {
        metricName: 'soc',
        aggregation: null,
        points: [
          { at: new Date(now - 60_000).toISOString(), value: 50 },
          { at: new Date(now - 30_000).toISOString(), value: 62.5 },
        ],
      },
    ]);
    expect(read.thing.hourly[0].aggregation).toBe('LAST');
    expect(read.thing.hourly[0].points.at(-1)).toEqual({ value: 62.5 });
    expect(read.thing.recentEvents).toHaveLength(1);
    expect(read.site.timeseries[0].points.at(-1)).toEqual({ value: 62.5, thingId: null });
    expect(read.things).toEqual({
      totalCount: 1,
      edges: [{ node: { id: thing.id } }],
      pageInfo: { hasNextPage: false },
    });
  });
});
