import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deploymentOrgId, systemIdentity } from '../../auth/identity.js';
import { withOrg } from '../../db/with-org.js';
import { measureData } from '../../jobs/tasks/measure-data.js';
import { telemetryOf, withAdmin } from '../isolation/data-digest.js';
import type { GraphqlClient } from '../support/graphql-client.js';
import { operatorClient } from '../support/operator-client.js';
import { withTaskContext } from '../support/task-context.js';
import { startTestDeployment, type TestDeployment, type TestOrganization } from '../support/test-deployment.js';

const ingest = 'mutation ($input: IngestFramesInput!) { ingestFrames(input: $input) { framesIngested } }';
const full = ['DATA_PACKAGE_FULL'];
const metrics = Array.from({ length: 10 }, (_, index) => `reading_${index}`);

let deployment: TestDeployment;
let operator: GraphqlClient & { readonly id: string };
let filled: TestOrganization & { readonly fleetId: string; readonly thingIds: readonly string[] };
let other: typeof filled;

beforeAll(async () => {
  deployment = await startTestDeployment();
  operator = await operatorClient(deployment);
  [filled, other] = await Promise.all([withThings('Filled'), withThings('Other')]);
  await Promise.all([filled, other].map((each) => each.client.ok(ingest, frames(each, 0, 1))));
  // Measurements are made by the tests, and none beside them.
  await deployment.stopWorker();
});
afterAll(() => deployment.stop());

/** An organization with two things of ten metrics. */
async function withThings(name: string): Promise<typeof filled> {
  const organization = await deployment.createOrganization(name);
  const { client } = organization;
  const metricIds: string[] = [];
  for (const metric of metrics) {
    const input = { name: metric, displayName: metric, dataType: 'INT', defaultAggregation: 'LAST' };
    const { createMetric } = await client.ok(
      'mutation ($input: CreateMetricInput!) { createMetric(input: $input) { metric { id } } }',
      { input },
    );
    metricIds.push(createMetric.metric.id);
  }
  const { createThingType } = await client.ok(
    'mutation ($input: CreateThingTypeInput!) { createThingType(input: $input) { thingType { id } } }',
    { input: { displayName: 'Meter', metricIds } },
  );
  const { createFleet } = await client.ok('mutation { createFleet(input: { name: "Vans" }) { fleet { id } } }');
  const thingIds: string[] = [];
  for (const thing of ['Old', 'New']) {
    const { createThing } = await client.ok(
      'mutation ($input: CreateThingInput!) { createThing(input: $input) { thing { id } } }',
      { input: { placeId: createFleet.fleet.id, name: thing, typeId: createThingType.thingType.id } },
    );
    thingIds.push(createThing.thing.id);
  }
  return { ...organization, fleetId: createFleet.fleet.id, thingIds };
}

/** So many frames of one of the things of an organization up to some moment, with a value of each metric. */
function frames({ thingIds }: typeof filled, thing: 0 | 1, count: number, now = Date.now()) {
  const values = Object.fromEntries(metrics.map((metric, index) => [metric, index]));
  const each = Array.from({ length: count }, (_, index) => ({ timestamp: now - index * 100, metrics: values }));
  return { input: { things: [{ thingId: thingIds[thing], frames: each }] } };
}

const measure = ({ orgId }: TestOrganization) =>
  withTaskContext(deployment, (context) => measureData.run({ orgId }, context));

const shown = async ({ client }: TestOrganization) =>
  (await client.ok('{ dataPackage { limitMebibytes usedBytes recordBytes telemetryBytes state measuredAt } }'))
    .dataPackage;

const setLimit = async ({ orgId }: TestOrganization, limitMebibytes: number) =>
  (
    await operator.ok(
      `mutation ($input: SetDataLimitInput!) {
        setDataLimit(input: $input) { organization { dataPackage { limitMebibytes usedBytes state } } }
      }`,
      { input: { orgId, limitMebibytes } },
    )
  ).setDataLimit.organization.dataPackage;

/** What the audit log of an organization says of its data package, oldest first. */
const recorded = async ({ orgId }: TestOrganization) =>
  withAdmin(
    deployment.adminUrl('operational'),
    (sql) => sql<{ action: string; actor: string; state: string | null }[]>`
      select action, actor_type as actor, change::jsonb->>'state' as state from audit.entries
      where org_id = ${orgId} and action in ('measureData', 'setDataLimit') order by at, id`,
  );

/** What alerts are made of. */
const signals = () =>
  withTaskContext(deployment, ({ operational }) =>
    withOrg(operational, systemIdentity(deploymentOrgId, 'test', 'test'), 'read', async ({ sql }) => {
      const rows = await sql<{ name: string; value: number }[]>`
        select name, value from platform.measure() where name like 'bulkhead_data_packages_%'`;
      return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
    }),
  );

/** Bytes of all tables of readings with their indexes, as PostgreSQL counts them. */
async function bytesOfReadings({ orgId }: TestOrganization): Promise<number> {
  const { database } = await telemetryOf(deployment, orgId);
  const url = deployment.adminUrl('operational').replace(/\/[^/]*$/, `/${database}`);
  const [row] = await withAdmin(
    url,
    (sql) => sql<{ bytes: number }[]>`
      select sum(pg_total_relation_size(inhrelid))::float8 as bytes from pg_inherits
      where inhparent = 'telemetry.readings'::regclass`,
  );
  return row?.bytes ?? 0;
}

describe('a data package', () => {
  it('is 1 GiB, and is measured within a per cent', async () => {
    // More than the pages of which all are read.
    for (const ageMs of [0, 200_000, 400_000]) {
      await filled.client.ok(ingest, frames(filled, 0, 1000, Date.now() - ageMs));
    }
    await measure(filled);
    const found = await shown(filled);
    expect(found).toMatchObject({ limitMebibytes: 1024, state: 'BELOW', measuredAt: expect.any(String) });
    expect(found.usedBytes).toBe(found.recordBytes + found.telemetryBytes);
    expect(found.recordBytes).toBeGreaterThan(1000);
    expect(Math.abs(found.telemetryBytes / (await bytesOfReadings(filled)) - 1)).toBeLessThan(0.01);
    expect(await recorded(filled)).toEqual([]);
  });

  it('that is full lets nothing in and everything else be done, for this organization only', async () => {
    expect(await setLimit(filled, 1)).toMatchObject({ limitMebibytes: 1, state: 'FULL' });
    const { client, fleetId, thingIds } = filled;
    const answer = await client.send(ingest, frames(filled, 0, 1));
    expect(answer.status).toBe(422);
    expect(answer.errors[0]).toMatchObject({
      message: expect.stringMatching(/^The data package of the organization is full/),
      extensions: { code: 'DATA_PACKAGE_FULL' },
    });
    const additions = [
      'createFleet(input: { name: "More" }) { fleet { id } }',
      `createThing(input: { placeId: "${fleetId}", name: "More", typeName: "Meter" }) { thing { id } }`,
      'createMetric(input: { name: "more", displayName: "More", dataType: INT, defaultAggregation: LAST }) { id }',
    ];
    for (const addition of additions) expect(await client.codes(`mutation { ${addition} }`)).toEqual(full);

    await client.ok(`{ thing(id: "${thingIds[0]}") { name latest { metricName } } }`);
    await client.ok(`mutation { updateFleet(input: { id: "${fleetId}", name: "Vans again" }) { fleet { id } } }`);
    await client.ok('mutation { createExport(input: {}) { id } }');
    await filled.createKey({ scopes: ['read THING/#/#'] });
    await other.client.ok(ingest, frames(other, 0, 1));
    await other.client.ok('mutation { createFleet(input: { name: "More" }) { fleet { id } } }');
  });

  it('takes more as soon as its limit is raised, and less as soon as it is lowered', async () => {
    await setLimit(filled, 64);
    await filled.client.ok(ingest, frames(filled, 0, 1));
    await setLimit(filled, 1);
    expect(await filled.client.codes(ingest, frames(filled, 0, 1))).toEqual(full);
    expect(await recorded(filled)).toEqual(
      [1, 2, 1].map(() => ({ action: 'setDataLimit', actor: 'OPERATOR', state: null })),
    );
  });

  it('has room again once what was deleted is measured, and tells when it is full, once', async () => {
    await filled.client.ok(`mutation { deleteThing(input: { id: "${filled.thingIds[0]}" }) { id } }`);
    await measure(filled);
    expect(await shown(filled)).toMatchObject({ state: 'BELOW' });
    await filled.client.ok(ingest, frames(filled, 1, 1000));
    await measure(filled);
    await measure(filled);
    expect(await shown(filled)).toMatchObject({ state: 'FULL' });
    const system = (state: string) => ({ action: 'measureData', actor: 'SYSTEM', state });
    expect((await recorded(filled)).slice(3)).toEqual([system('BELOW'), system('FULL')]);
    expect(await signals()).toEqual({ bulkhead_data_packages_full: 1, bulkhead_data_packages_near: 1 });
  });
});
