import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectAsAdmin } from '../support/admin-connection.js';
import { until } from '../support/bulkhead-process.js';
import { operatorClient } from '../support/operator-client.js';
import { startTestDeployment, type TestDeployment, type TestOrganization } from '../support/test-deployment.js';

let deployment: TestDeployment;
let organization: TestOrganization;
let siteId: string;
const thingIds: string[] = [];

beforeAll(async () => {
  deployment = await startTestDeployment();
  organization = await deployment.createOrganization('Planned');
  const { client } = organization;
  const create = async (mutation: string, type: string, input: unknown) =>
    (await client.ok(`mutation ($input: ${type}!) { made: ${mutation}(input: $input) { id } }`, { input })).made.id;
  const metricIds = [
    await create('createMetric', 'CreateMetricInput', { name: 'soc', dataType: 'DOUBLE', defaultAggregation: 'AVG' }),
  ];
  await create('createThingType', 'CreateThingTypeInput', { displayName: 'Battery', metricIds });
  const place = { name: 'Harbour', latitude: 1, longitude: 2, address: '' };
  siteId = await create('createSite', 'CreateSiteInput', place);
  for (const name of ['one', 'two', 'three']) {
    thingIds.push(await create('createThing', 'CreateThingInput', { placeId: siteId, typeName: 'Battery', name }));
  }
  await client.ok('mutation ($input: IngestColumnarInput!) { ingestColumnar(input: $input) { framesIngested } }', {
    input: { thingId: thingIds[0], columns: ['timestamp', 'soc'], rows: [[Date.now() - 1000, 42.5]] },
  });
});
afterAll(() => deployment.stop());

/** What a request added to the counts. */
async function counted<T>(request: () => Promise<T>): Promise<{ answer: T; planned: number; fallback: string[] }> {
  const before = deployment.gateway.plannedReads;
  const answer = await request();
  const after = deployment.gateway.plannedReads;
  const fallback = Object.keys(after.fallback).filter((reason) => after.fallback[reason] !== before.fallback[reason]);
  return { answer, planned: after.planned - before.planned, fallback };
}

const list = `{ things(first: 2) { nodes { id name place { id name } typeVersion { metrics { name } }
  latest { metricName value } } pageInfo { hasNextPage endCursor } totalCount } }`;

describe('planned reads', () => {
  it('answer lists with relations, counts and latest readings', async () => {
    const { answer, planned, fallback } = await counted(() => organization.client.ok(list));
    expect({ planned, fallback }).toEqual({ planned: 1, fallback: [] });
    expect(answer.things.totalCount).toBe(3);
    expect(answer.things.nodes[0]).toEqual({
      id: thingIds[0],
      name: 'one',
      place: { id: siteId, name: 'Harbour' },
      typeVersion: { metrics: [{ name: 'soc' }] },
      latest: [{ metricName: 'soc', value: 42.5 }],
    });
  });

  it('go on behind a cursor, at the root and below one site', async () => {
    const { client } = organization;
    const names: string[] = [];
    for (const path of ['root', 'site']) {
      let after: string | null = null;
      do {
        const page = 'things(first: 2, after: $after) { nodes { name } pageInfo { hasNextPage endCursor } }';
        const inner = path === 'root' ? page : `site(id: "${siteId}") { ${page} }`;
        const { answer, planned } = await counted(() => client.ok(`query ($after: String) { ${inner} }`, { after }));
        expect(planned).toBe(1);
        const { nodes, pageInfo } = path === 'root' ? answer.things : answer.site.things;
        names.push(...nodes.map(({ name }: { name: string }) => name));
        after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
      } while (after !== null);
    }
    expect(names).toEqual(['one', 'two', 'three', 'one', 'two', 'three']);
  });

  it('answer the latest readings of things of which one was opened before for another field', async () => {
    const series = `things(first: 1) { nodes { timeseries(start: "2020-01-01T00:00:00Z", end: "2020-01-02T00:00:00Z") {
      metricName } } }`;
    const deeper = `sites(first: 1) { nodes { things(first: 3) { nodes { name latest { value } } } } }`;
    const { sites } = await organization.client.ok(`{ ${series} ${deeper} }`);
    expect(sites.nodes[0].things.nodes).toEqual([
      { name: 'one', latest: [{ value: 42.5 }] },
      { name: 'two', latest: [] },
      { name: 'three', latest: [] },
    ]);
  });

  it('leave the rest to the resolvers and count why', async () => {
    const { client } = organization;
    for (const [query, reason] of [
      ['{ me { keyId } }', 'Query.me'],
      ['{ things(first: 1) { nodes { id } } retention { days } }', 'Query.retention'],
      ['{ things(first: 0) { totalCount } }', 'BAD_USER_INPUT'],
      ['{ thing(id: "nonsense") { id } }', 'text that is no id'],
      ['{ __schema { queryType { name } } }', 'Query.__schema'],
    ] as const) {
      expect(await counted(() => client.send(query))).toMatchObject({ planned: 0, fallback: [reason] });
    }
    // Once more, from what is remembered of the operation.
    expect(await counted(() => client.send('{ me { keyId } }'))).toMatchObject({ planned: 0, fallback: ['Query.me'] });
  });

  it('are not kept from one organization by the arguments of another', async () => {
    const { client } = organization;
    const other = await deployment.createOrganization('Poisoner');
    const queries = [
      ['query ($place: ID) { things(first: 5, filter: { placeId: $place }) { totalCount } }', 'place', siteId, 3],
      ['query ($text: String) { things(first: 5, filter: { search: $text }) { totalCount } }', 'text', thingIds[0], 1],
      [
        'query ($text: String) { things(first: 5, filter: { search: $text }) { nodes { id } totalCount } }',
        'text',
        'one',
        1,
      ],
    ] as const;
    for (const [query, name, own, count] of queries) {
      const hostile = own === 'one' ? siteId : 'x';
      for (let turn = 0; turn < 2; turn += 1) {
        await other.client.ok(query, { [name]: hostile });
        const { answer, planned, fallback } = await counted(() => client.ok(query, { [name]: own }));
        expect([answer.things.totalCount, planned, fallback]).toEqual([count, 1, []]);
      }
    }
  });

  it('are given up where their statement would be too long', async () => {
    // Each `place` is of two types, so that the statement has a form of all below it for each of them.
    let inner = 'id name description';
    for (let depth = 0; depth < 3; depth += 1) {
      const below = `things(first: 1) { nodes { ${inner} } }`;
      inner = `id place { id name ${below} } other: place { id ${below} }`;
    }
    const query = `{ thing(id: "${thingIds[0]}") { ${inner} } }`;
    const { planned, fallback } = await counted(() => organization.client.send(query));
    expect({ planned, fallback }).toEqual({ planned: 0, fallback: ['a statement too long'] });
  });

  it('show what a key may not read as null with an error at its path, and keep plans of keys apart', async () => {
    const { client } = await organization.createKey({ scopes: ['read THING/#/#'] });
    for (const reader of [client, organization.client, client]) {
      const { answer, planned } = await counted(() => reader.send(list));
      expect(planned).toBe(1);
      const isFull = reader === organization.client;
      expect(answer.data.things.nodes[0].place).toEqual(isFull ? { id: siteId, name: 'Harbour' } : null);
      expect(answer.errors.map(({ path, extensions }) => `${path?.join('.')} ${extensions.code}`)).toEqual(
        isFull
          ? []
          : [0, 1].flatMap((index) =>
              ['place', 'typeVersion'].map((field) => `things.nodes.${index}.${field} FORBIDDEN`),
            ),
      );
      expect(answer.data.things.nodes[0].latest).toEqual([{ metricName: 'soc', value: 42.5 }]);
    }
  });

  it('mask a failure of the database and log it under the request', async () => {
    const admin = connectAsAdmin(deployment.cluster, new URL(deployment.adminUrl('operational')).pathname.slice(1));
    try {
      await admin`alter function platform.telemetry_access() rename to moved_away`;
      const answer = await organization.client.send(
        `{ a: things(first: 3) { nodes { latest { value } } } __typename }`,
      );
      expect(answer.data).toEqual({ a: null, __typename: 'Query' });
      expect(answer.errors).toMatchObject([
        { path: ['a'], message: 'Internal error', extensions: { code: 'INTERNAL' } },
      ]);
      const requestId = answer.headers.get('x-request-id') ?? 'none';
      const line = await until('its line', () =>
        deployment.logLines.find((each) => each.includes(requestId) && each.includes('"code":"INTERNAL"')),
      );
      expect(line).toContain('42883');
    } finally {
      await admin`alter function platform.moved_away() rename to telemetry_access`;
      await admin.end();
    }
  });

  it('are counted where operators can see it', async () => {
    const { url } = deployment.gateway;
    const operator = await operatorClient(deployment);
    const ask = (key: string | undefined) =>
      fetch(`${url}/metrics`, { headers: key === undefined ? {} : { authorization: `Bearer ${key}` } });
    const answer = await ask(operator.key);
    const text = await answer.text();
    expect(answer.status).toBe(200);
    const { planned, fallback } = deployment.gateway.plannedReads;
    expect(text).toContain(`\nbulkhead_planned_reads_total{process="gateway"} ${planned}\n`);
    expect(text).toContain(
      `\nbulkhead_resolved_reads_total{reason="Query.me",process="gateway"} ${fallback['Query.me']}\n`,
    );
    expect(text).toContain('\nbulkhead_nodejs_eventloop_lag_seconds{process="gateway"} ');
    for (const key of [undefined, organization.client.key]) expect((await ask(key)).status).toBe(401);
  });

  it('answer an operation without rows from nothing', async () => {
    expect((await organization.client.send('{ __typename }')).text).toBe('{"data":{"__typename":"Query"}}\n');
  });
});
