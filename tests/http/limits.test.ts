import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import postgres from 'postgres';
import { type GraphqlAnswer, type GraphqlClient, graphqlClient } from '../support/graphql-client.js';
import { operatorClient, setLimits } from '../support/operator-client.js';
import { rawRequest } from '../support/raw-request.js';
import { startTestDeployment, type TestDeployment, type TestOrganization } from '../support/test-deployment.js';

let deployment: TestDeployment;
let operator: GraphqlClient & { readonly id: string };
let secondUrl: string;

beforeAll(async () => {
  deployment = await startTestDeployment({ limits: 'default' });
  operator = await operatorClient(deployment);
  secondUrl = (await deployment.startGateway()).url;
});
afterAll(() => deployment.stop());

const standard = '{ me { keyId } }';
const window = 'start: "2026-01-01T00:00:00Z", end: "2026-01-01T01:00:00Z"';

/** Tokens that the answer says are left. */
function left(answer: GraphqlAnswer, tier: 'standard' | 'data-read'): number {
  const match = new RegExp(`"${tier}";r=(\\d+);t=\\d+`).exec(answer.headers.get('ratelimit') ?? '');
  if (match === null) throw new Error(`no RateLimit of ${tier}: ${answer.headers.get('ratelimit')} ${answer.text}`);
  return Number(match[1]);
}

/** An organization whose buckets do not refill within a test. */
async function thrifty(name: string, standardBurst: number, dataReadBurst: number): Promise<TestOrganization> {
  const organization = await deployment.createOrganization(name);
  await setLimits(operator, organization.orgId, 'STANDARD', 1, standardBurst);
  await setLimits(operator, organization.orgId, 'DATA_READ', 1, dataReadBurst);
  return organization;
}

function expectRefused(answer: GraphqlAnswer): number {
  expect([answer.status, answer.errors.map((error) => error.extensions.code)]).toEqual([429, ['RATE_LIMITED']]);
  const { retryAfterMs, problem } = answer.errors[0]!.extensions;
  expect(retryAfterMs).toBeGreaterThan(0);
  expect(problem).toMatchObject({ status: 429, title: 'Rate limit exceeded' });
  expect(answer.headers.get('retry-after')).toBe(String(Math.ceil(retryAfterMs / 1000)));
  expect(answer.headers.get('ratelimit-policy')).toMatch(/^"standard";q=\d+;w=\d+, "data-read";q=\d+;w=\d+$/);
  expect(answer.headers.get('ratelimit')).toMatch(/^"standard";r=\d+;t=\d+, "data-read";r=\d+;t=\d+$/);
  expect(answer.data).toBeUndefined();
  return retryAfterMs;
}

describe('the bucket of an organization', () => {
  it('lets exactly burst and refill pass of 300 requests at once, of ten keys on two gateways', async () => {
    const a = await deployment.createOrganization('Flooding');
    const b = await deployment.createOrganization('Beside');
    const keys = await Promise.all(Array.from({ length: 10 }, () => a.createKey({ scopes: ['read THING/#/#'] })));
    const clients = keys.flatMap(({ text, client }) => [client, graphqlClient(secondUrl, text)]);
    const admin = postgres(deployment.adminUrl('operational'), { max: 1, onnotice: () => {} });
    const clock = async () =>
      Number((await admin`select extract(epoch from clock_timestamp())::float8 as now`)[0]!['now']);
    const before = await clock();
    const [answers, beside] = await Promise.all([
      Promise.all(Array.from({ length: 300 }, (_, index) => clients[index % clients.length]!.send(standard))),
      Promise.all(Array.from({ length: 40 }, () => b.client.send(standard))),
    ]);
    const after = await clock();
    const [bucket] = await admin`
      select extract(epoch from standard_arrival)::float8 as arrival from platform.rate_buckets where org_id = ${a.orgId}`;
    await admin.end();

    const passed = answers.filter((answer) => answer.status === 200);
    const refused = answers.filter((answer) => answer.status !== 200);
    // A bucket that is never full is emptied by one second for each token: so the first was taken at this moment.
    const first = bucket!['arrival'] - passed.length;
    expect(first).toBeGreaterThanOrEqual(before - 1e-3);
    expect(first).toBeLessThanOrEqual(after);
    expect(passed.length).toBeGreaterThanOrEqual(100);
    expect(passed.length).toBeLessThanOrEqual(100 + Math.floor(after - first));
    for (const answer of refused) expect(expectRefused(answer)).toBeLessThanOrEqual(1000);
    expect(beside.map((answer) => answer.status)).toEqual(Array(40).fill(200));
    expect(Math.min(...beside.map((answer) => left(answer, 'standard')))).toBeGreaterThanOrEqual(60);
  });

  it('starts with the default limits and says so', async () => {
    const { client } = await deployment.createOrganization('New');
    const answer = await client.send('{ rateLimits { tier perMinute burst remaining fullAfterMs } }');
    expect(answer.headers.get('ratelimit-policy')).toBe('"standard";q=100;w=100, "data-read";q=1000;w=100');
    expect(answer.headers.get('ratelimit')).toBe('"standard";r=99;t=1, "data-read";r=1000;t=0');
    expect(answer.data.rateLimits).toEqual([
      { tier: 'STANDARD', perMinute: 60, burst: 100, remaining: 99, fullAfterMs: 1000 },
      { tier: 'DATA_READ', perMinute: 600, burst: 1000, remaining: 1000, fullAfterMs: 0 },
    ]);
  });

  it('lets a request pass at the promised time and not before', async () => {
    const organization = await deployment.createOrganization('Patient');
    await setLimits(operator, organization.orgId, 'STANDARD', 120, 1);
    // By the clock that PostgreSQL goes by; what is promised counts from when a gateway has the answer.
    const firstAt = Date.now();
    expect((await organization.client.send(standard)).status).toBe(200);
    const promised = expectRefused(await organization.client.send(standard));
    const knownAt = Date.now();
    expect(promised).toBeLessThanOrEqual(500);
    for (;;) {
      const sentAt = Date.now();
      const answer = await organization.client.send(standard);
      if (answer.status === 200) break;
      expect(sentAt).toBeLessThan(knownAt + promised + 5);
    }
    expect(Date.now()).toBeGreaterThanOrEqual(firstAt + 500 - 5);
  });

  it('keeps the tiers apart', async () => {
    const { client } = await thrifty('Tiers', 10, 2);
    const read = `{ things(first: 2) { nodes { latest { value } } } }`;
    const answer = await client.send(read);
    expect([left(answer, 'standard'), left(answer, 'data-read')]).toEqual([9, 0]);
    expectRefused(await client.send(read));
    expect((await client.send(standard)).status).toBe(200);
  });
});

describe('all or nothing', () => {
  it('takes nothing for an operation that does not fit', async () => {
    const { client } = await thrifty('Whole', 10, 5);
    const three = '{ a: me { keyId } b: me { keyId } c: me { keyId } }';
    for (const expected of [7, 4, 1]) expect(left(await client.send(three), 'standard')).toBe(expected);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const answer = await client.send(three);
      expectRefused(answer);
      expect(left(answer, 'standard')).toBe(1);
    }
    expect(left(await client.send(standard), 'standard')).toBe(0);
  });

  it('takes nothing of one tier when the other does not suffice', async () => {
    const { client } = await thrifty('Both', 10, 3);
    const two = '{ things(first: 2) { nodes { latest { value } } } }';
    expect((await client.send(two)).status).toBe(200);
    const refused = await client.send(two);
    expectRefused(refused);
    expect([left(refused, 'standard'), left(refused, 'data-read')]).toEqual([9, 1]);
  });

  it('runs nothing of a refused mutation', async () => {
    const { client } = await thrifty('Unchanged', 4, 1);
    const create = (alias: string) =>
      `${alias}: createSite(input: { name: "${alias}", latitude: 0, longitude: 0, address: "" }) { id }`;
    expect((await client.send(`mutation { ${create('one')} ${create('two')} }`)).status).toBe(200);
    expectRefused(await client.send(`mutation { ${create('three')} ${create('four')} ${create('five')} }`));
    expect((await client.ok('{ sites(first: 10) { nodes { name } } }')).sites.nodes).toEqual([
      { name: 'one' },
      { name: 'two' },
    ]);
  });

  it('says that an operation which no bucket can hold will never pass, and takes nothing', async () => {
    const { client } = await thrifty('Small', 2, 2);
    const answer = await client.send('{ a: me { keyId } b: me { keyId } c: me { keyId } }');
    expect([answer.status, answer.errors[0]!.extensions.code]).toEqual([400, 'OPERATION_TOO_COMPLEX']);
    expect(left(await client.send(standard), 'standard')).toBe(1);
  });
});

describe('the cost of an operation', () => {
  let client: GraphqlClient;
  beforeAll(async () => {
    ({ client } = await thrifty('Counting', 100_000, 100_000));
  });

  const costs: readonly (readonly [
    name: string,
    document: string,
    variables: Record<string, unknown>,
    cost: readonly [number, number],
  ])[] = [
    ['a root field', '{ me { keyId } }', {}, [1, 0]],
    ['aliases', '{ a: me { keyId } b: me { keyId } c: me { keyId } }', {}, [3, 0]],
    ['introspection', '{ __schema { queryType { name } } __typename }', {}, [2, 0]],
    ['a page of series', `{ things(first: 50) { nodes { timeseries(${window}) { metricName } } } }`, {}, [1, 50]],
    ['a page by its edges', `{ things(first: 50) { edges { node { latest { value } } } } }`, {}, [1, 50]],
    [
      'pages in pages',
      '{ sites(first: 10) { nodes { things(first: 5) { nodes { latest { value } } } } } }',
      {},
      [1, 50],
    ],
    ['aliases in a page', '{ things(first: 2) { nodes { a: latest { value } b: latest { value } } } }', {}, [1, 4]],
    ['an interface', `{ things(first: 3) { nodes { place { timeseries(${window}) { metricName } } } } }`, {}, [1, 3]],
    [
      'fragments',
      'query { ...f } fragment f on Query { a: me { keyId } ... on Query { b: me { keyId } } }',
      {},
      [2, 0],
    ],
    ['what is skipped', '{ a: me { keyId } b: me @skip(if: true) { keyId } }', {}, [1, 0]],
    ['a variable', 'query ($n: Int!) { things(first: $n) { nodes { latest { value } } } }', { n: 7 }, [1, 7]],
    ['a default', 'query ($n: Int! = 9) { things(first: $n) { nodes { latest { value } } } }', {}, [1, 9]],
  ];

  it.each(costs)('counts %s', async (_name, document, variables, [standardCost, dataReadCost]) => {
    const before = await client.send(standard);
    const answer = await client.send(document, variables);
    expect(answer.errors).toEqual([]);
    expect([
      left(before, 'standard') - left(answer, 'standard'),
      left(before, 'data-read') - left(answer, 'data-read'),
    ]).toEqual([standardCost, dataReadCost]);
  });

  it('cannot be hidden in a batch of HTTP', async () => {
    const answer = await rawRequest(client.url, {
      key: client.key,
      body: JSON.stringify([{ query: standard }, { query: standard }]),
    });
    expect([answer.status, JSON.parse(answer.text).errors[0].extensions.code]).toEqual([400, 'BAD_REQUEST']);
  });
});

describe('limits are data', () => {
  it('holds a new limit at once, on every gateway', async () => {
    const { orgId, client } = await deployment.createOrganization('Changed');
    const other = graphqlClient(secondUrl, client.key);
    await setLimits(operator, orgId, 'STANDARD', 1, 2);
    expect((await client.send(standard)).status).toBe(200);
    expect((await other.send(standard)).status).toBe(200);
    expectRefused(await client.send(standard));
    expectRefused(await other.send(standard));
    // What was missing stays missing, at the new rate: two tokens at 6,000 a minute are 20 ms.
    await setLimits(operator, orgId, 'STANDARD', 6000, 2);
    const deadline = performance.now() + 60_000;
    while ((await other.send(standard)).status !== 200) expect(performance.now()).toBeLessThan(deadline);
    let entries: Entry[] | undefined;
    while (entries === undefined) {
      expect(performance.now()).toBeLessThan(deadline);
      entries = await operatorEntries(client).catch(() => undefined);
    }
    expect(entries.map(({ action, outcome, actorId }) => [action, outcome, actorId])).toEqual(
      Array(2).fill(['setOrganizationLimits', 'SUCCEEDED', operator.id]),
    );
    expect(entries[0]!.change.input).toMatchObject({ tier: 'STANDARD', perMinute: 6000, burst: 2 });
  });

  it('charges one token for a document that is refused, so that a flood of them ends', async () => {
    const { client } = await thrifty('Refused', 6, 1);
    expect(left(await client.send(standard), 'standard')).toBe(5);
    for (const [document, expected] of [
      ['{ nope }', 4],
      ['{ me { keyId }', 3],
      ['query ($x: Int!) { sites(first: $x) { nodes { id } } }', 2],
      [`{ ${Array.from({ length: 11 }, (_, index) => `a${index}: me { keyId }`).join(' ')} }`, 1],
    ] as const) {
      expect([document, left(await client.send(document), 'standard')]).toEqual([document, expected]);
    }
    expect((await client.send('{ nope }')).status).toBe(400);
    expectRefused(await client.send('{ nope }'));
  });

  it('neither fills nor empties a bucket by changing its rate', async () => {
    const { orgId, client } = await thrifty('Kept', 10, 1);
    for (const expected of [9, 8, 7]) expect(left(await client.send(standard), 'standard')).toBe(expected);
    await setLimits(operator, orgId, 'STANDARD', 2, 10);
    expect(left(await client.send(standard), 'standard')).toBe(6);
    await setLimits(operator, orgId, 'STANDARD', 1, 5);
    expect(left(await client.send(standard), 'standard')).toBe(0);
    await setLimits(operator, orgId, 'STANDARD', 2, 5);
    expectRefused(await client.send(standard));
  });

  it('refuses limits out of bounds and organizations that are not there', async () => {
    const { orgId, client } = await deployment.createOrganization('Bounds');
    const set = (input: object) =>
      operator.codes(
        'mutation ($input: SetOrganizationLimitsInput!) { setOrganizationLimits(input: $input) { organization { id } } }',
        { input: { orgId, tier: 'STANDARD', perMinute: 1, burst: 1, ...input } },
      );
    for (const value of [0, -1, 1_000_001]) {
      expect(await set({ perMinute: value })).toEqual(['BAD_USER_INPUT']);
      expect(await set({ burst: value })).toEqual(['BAD_USER_INPUT']);
    }
    expect(await set({ orgId: '00000000-0000-4000-8000-000000000000' })).toEqual(['NOT_FOUND']);
    expect(await set({ orgId: 'x' })).toEqual(['NOT_FOUND']);
    const refused = (await operatorEntries(client)).filter(({ outcome }) => outcome === 'REFUSED');
    expect(refused.map(({ actorId }) => actorId)).toEqual(Array(6).fill(operator.id));
  });

  it('is for operators from private addresses alone', async () => {
    const { client } = await deployment.createOrganization('Outside');
    const body = JSON.stringify({ query: '{ organizations(first: 1) { id } }' });
    const ask = (key: string | undefined, forwardedFor = '10.1.2.3', path = '/operator/graphql') =>
      rawRequest(deployment.gateway.url, { path, key, body, headers: { 'x-forwarded-for': forwardedFor } });
    expect((await ask(operator.key)).status).toBe(200);
    expect((await ask(client.key)).status).toBe(401);
    expect((await ask(undefined)).status).toBe(401);
    const hidden = await ask(operator.key, '203.0.113.5');
    const nothing = await ask(operator.key, '203.0.113.5', '/operator/nothing');
    expect([hidden.status, hidden.text]).toEqual([404, nothing.text]);
  });
});

interface Entry {
  readonly action: string;
  readonly outcome: string;
  readonly actorId: string;
  readonly change: { readonly input: unknown };
}

async function operatorEntries(client: GraphqlClient): Promise<Entry[]> {
  const page = await client.ok(
    `{ auditEvents(first: 10, filter: { action: "setOrganizationLimits" }) { nodes { action outcome actorId change } } }`,
  );
  return page.auditEvents.nodes;
}
