import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type postgres from 'postgres';
import { connectAsAdmin } from '../../support/admin-connection.js';
import { graphqlClient } from '../../support/graphql-client.js';
import { operatorClient } from '../../support/operator-client.js';
import { startTestDeployment, type TestDeployment, type TestOrganization } from '../../support/test-deployment.js';
import { createFleet, outcomeOf, sendKeyed } from './keyed.js';

let deployment: TestDeployment;
let organization: TestOrganization;
let admin: postgres.Sql;
let secondUrl: string;

beforeAll(async () => {
  deployment = await startTestDeployment();
  organization = await deployment.createOrganization('Twice');
  secondUrl = (await deployment.startGateway()).url;
  admin = connectAsAdmin(deployment.cluster, new URL(deployment.adminUrl('operational')).pathname.slice(1));
});
afterAll(async () => {
  await admin?.end();
  await deployment?.stop();
});

const fleetsCalled = async (name: string) =>
  (await admin`select id from app.places where name = ${name}`).map(({ id }) => id as string);
const entriesOf = (action: string, key: string) =>
  admin`select outcome from audit.entries where action = ${action} and change like ${`%${key}%`}`;

describe('a mutation that is sent again under its key', () => {
  it('is not carried out again and answers the same, on every gateway', async () => {
    const key = randomUUID();
    const { client } = organization;
    const first = await sendKeyed(client, key, createFleet, { name: 'once' });
    expect(outcomeOf(first)).toBe('200');
    for (const url of [client.url, secondUrl]) {
      const again = await sendKeyed(graphqlClient(url, client.key), key, createFleet, { name: 'once' });
      expect(outcomeOf(again)).toBe('200 replayed');
      expect(again.text).toBe(first.text);
    }
    expect(await fleetsCalled('once')).toEqual([first.data.createFleet.id]);
    expect(await entriesOf('createFleet', 'once')).toHaveLength(1);
  });

  it('is carried out again without a key', async () => {
    for (const _ of [1, 2]) await organization.client.ok(createFleet, { name: 'twice' });
    expect(await fleetsCalled('twice')).toHaveLength(2);
  });

  it('is the same in another spacing, with other comments, other order of variables and a quoted key', async () => {
    const key = randomUUID();
    const create = `mutation ($input: CreateFleetInput!) { createFleet(input: $input) { id } }`;
    const spaced = `mutation (# the input\n  $input: CreateFleetInput!,\n) {\n  createFleet(input: $input) { id }\n}`;
    const first = await sendKeyed(organization.client, key, create, {
      input: { name: 'spaced', attributes: { a: 1, b: 2 } },
    });
    const again = await sendKeyed(organization.client, `"${key}"`, spaced, {
      input: { attributes: { b: 2, a: 1 }, name: 'spaced' },
    });
    expect([outcomeOf(first), outcomeOf(again)]).toEqual(['200', '200 replayed']);
    expect(again.text).toBe(first.text);
  });

  it('has one effect and one answer in 50 calls at once, on two gateways', async () => {
    const key = randomUUID();
    const clients = [organization.client, graphqlClient(secondUrl, organization.client.key)];
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => sendKeyed(clients[index % 2]!, key, createFleet, { name: 'fifty' })),
    );
    const [id] = await fleetsCalled('fifty');
    expect(await fleetsCalled('fifty')).toHaveLength(1);
    const outcomes = answers.map(outcomeOf);
    expect(outcomes.filter((outcome) => outcome === '200')).toHaveLength(1);
    const others = outcomes.filter((outcome) => outcome !== '200');
    expect(new Set(others).size).toBeGreaterThan(0);
    for (const outcome of others) expect(['200 replayed', '409 IDEMPOTENCY_KEY_IN_USE']).toContain(outcome);
    for (const answer of answers) if (answer.status === 200) expect(answer.data.createFleet.id).toBe(id);
    expect(outcomeOf(await sendKeyed(clients[0]!, key, createFleet, { name: 'fifty' }))).toBe('200 replayed');
  });

  it('costs a token', async () => {
    const left = (headers: Headers) => Number(/"standard";r=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1]);
    const thrifty = await deployment.createOrganization('Thrifty');
    await admin`update platform.rate_limits set per_minute = 1, burst = 1000 where org_id = ${thrifty.orgId}`;
    const key = randomUUID();
    const first = await sendKeyed(thrifty.client, key, createFleet, { name: 'paid' });
    const again = await sendKeyed(thrifty.client, key, createFleet, { name: 'paid' });
    expect(outcomeOf(again)).toBe('200 replayed');
    expect(left(again.headers)).toBeLessThan(left(first.headers));
  });
});

describe('a key that was used', () => {
  it.each([
    ['other variables', createFleet, { name: 'other' }],
    ['another selection', createFleet.replace('createdAt', 'updatedAt'), { name: 'used' }],
    ['another operation', 'mutation { setRetention(input: { days: 10 }) { organization { name } } }', {}],
    ['the same operation under a name', createFleet.replace('mutation', 'mutation Named'), { name: 'used' }],
  ])('is refused for %s', async (_what, query, variables) => {
    const key = randomUUID();
    expect(outcomeOf(await sendKeyed(organization.client, key, createFleet, { name: 'used' }))).toBe('200');
    const other = await sendKeyed(organization.client, key, query, variables);
    expect(outcomeOf(other)).toBe('422 IDEMPOTENCY_KEY_REUSED');
    expect(other.errors[0]?.extensions.problem).toMatchObject({ status: 422 });
    expect(await fleetsCalled('other')).toEqual([]);
  });

  it('is refused for another API key of the organization, and free in another organization', async () => {
    const key = randomUUID();
    expect(outcomeOf(await sendKeyed(organization.client, key, createFleet, { name: 'mine' }))).toBe('200');
    const { client } = await organization.createKey({ scopes: ['* *'] });
    expect(outcomeOf(await sendKeyed(client, key, createFleet, { name: 'mine' }))).toBe('422 IDEMPOTENCY_KEY_REUSED');
    const other = await deployment.createOrganization('Other');
    const theirs = await sendKeyed(other.client, key, createFleet, { name: 'mine' });
    expect(outcomeOf(theirs)).toBe('200');
    const owners = await admin`select org_id from app.places where name = 'mine'`;
    expect(owners.map(({ org_id }) => org_id).sort()).toEqual([organization.orgId, other.orgId].sort());
  });

  it('is refused also where the other request would have been refused anyway', async () => {
    const key = randomUUID();
    await sendKeyed(organization.client, key, createFleet, { name: 'first' });
    const blank = await sendKeyed(organization.client, key, createFleet, { name: ' ' });
    expect(outcomeOf(blank)).toBe('422 IDEMPOTENCY_KEY_REUSED');
    const unknown = 'mutation { deleteThing(input: { id: "none" }) { id } }';
    expect(outcomeOf(await sendKeyed(organization.client, key, unknown))).toBe('422 IDEMPOTENCY_KEY_REUSED');
  });
});

describe('a request that was refused', () => {
  const deleteFleet = 'mutation ($id: ID!) { deleteFleet(input: { id: $id }) { id } }';

  it('for what it asks is refused the same again, whatever has changed', async () => {
    const key = randomUUID();
    const name = 'Inhabited';
    const create = `mutation ($name: String!) { createLevelType(input: { siteId: "${randomUUID()}", name: $name }) { id } }`;
    const first = await sendKeyed(organization.client, key, create, { name });
    const again = await sendKeyed(organization.client, key, create, { name });
    expect([outcomeOf(first), outcomeOf(again)]).toEqual(['404 NOT_FOUND', '404 NOT_FOUND replayed']);
    expect(again.text).toBe(first.text);
  });

  it('before it reached the database, too', async () => {
    const key = randomUUID();
    const [first, again] = [
      await sendKeyed(organization.client, key, deleteFleet, { id: 'none' }),
      await sendKeyed(organization.client, key, deleteFleet, { id: 'none' }),
    ];
    expect([outcomeOf(first), outcomeOf(again)]).toEqual(['404 NOT_FOUND', '404 NOT_FOUND replayed']);
    const other = await sendKeyed(organization.client, key, deleteFleet, { id: 'other' });
    expect(outcomeOf(other)).toBe('422 IDEMPOTENCY_KEY_REUSED');
  });

  it('for its form or its rights may be sent again', async () => {
    const key = randomUUID();
    const { id, client } = await organization.createKey({ scopes: ['read PLACE/#/#'] });
    const wrongType = await sendKeyed(client, key, createFleet, { name: 1 });
    expect(outcomeOf(wrongType)).toBe('422 BAD_USER_INPUT');
    expect(outcomeOf(await sendKeyed(client, key, createFleet, { name: 'allowed' }))).toBe('403 FORBIDDEN');
    await organization.client.ok(
      `mutation { updateApiKey(input: { id: "${id}", scopes: [{ action: ANY, resourceFilter: "*" }] }) { apiKey { id } } }`,
    );
    expect(outcomeOf(await sendKeyed(client, key, createFleet, { name: 'allowed' }))).toBe('200');
  });
});

describe('rights at a replay', () => {
  const setScopes = (id: string, ...filters: string[]) =>
    organization.client.ok(`mutation ($input: UpdateApiKeyInput!) { updateApiKey(input: $input) { apiKey { id } } }`, {
      input: {
        id,
        scopes: filters
          .map((filter) => filter.split(' '))
          .map(([action, resourceFilter]) => ({ action, resourceFilter })),
      },
    });

  it('are those of now: more are enough, fewer are 403, none are 401', async () => {
    const key = randomUUID();
    const { id, client } = await organization.createKey({ scopes: ['* PLACE/Fleet/#'] });
    const send = () => sendKeyed(client, key, createFleet, { name: 'scoped' });
    const first = await send();
    expect(outcomeOf(first)).toBe('200');
    await setScopes(id, 'ANY PLACE/#/#');
    expect(outcomeOf(await send())).toBe('200 replayed');
    await setScopes(id, 'WRITE PLACE/Fleet/#');
    const withoutRead = await send();
    expect(outcomeOf(withoutRead)).toBe('403 FORBIDDEN');
    expect(withoutRead.text).not.toContain(first.data.createFleet.id);
    await setScopes(id, 'READ PLACE/Fleet/#');
    expect(outcomeOf(await send())).toBe('403 FORBIDDEN');
    await setScopes(id, 'ANY PLACE/Fleet/#');
    expect((await send()).text).toBe(first.text);
    await organization.client.ok(`mutation { revokeApiKey(input: { id: "${id}" }) { apiKey { id } } }`);
    const revoked = await send();
    expect(outcomeOf(revoked)).toBe('401 UNAUTHENTICATED');
    expect(await fleetsCalled('scoped')).toHaveLength(1);
  });
});

describe('the form of a request with a key', () => {
  it.each([
    [
      'two root fields',
      `mutation { a: createFleet(input: { name: "a" }) { id } b: createFleet(input: { name: "b" }) { id } }`,
    ],
    [
      'two in a fragment',
      `mutation { ...F } fragment F on Mutation { __typename createFleet(input: { name: "a" }) { id } }`,
    ],
    ['no change', `mutation { __typename }`],
  ])('is refused with %s', async (_what, query) => {
    const answer = await sendKeyed(organization.client, randomUUID(), query);
    expect(outcomeOf(answer)).toBe('400 IDEMPOTENCY_KEY_INVALID');
    expect(await fleetsCalled('a')).toEqual([]);
  });

  /** The status of a request whose headers are written byte by byte. */
  const rawStatus = async (lines: string): Promise<string> => {
    const { hostname, port } = new URL(organization.client.url);
    const body = JSON.stringify({ query: createFleet, variables: { name: 'raw' } });
    const socket = connect(Number(port), hostname);
    socket.write(
      `POST /graphql HTTP/1.1\r\nhost: test\r\nx-api-key: ${organization.client.key}\r\n` +
        `content-type: application/json\r\n${lines}content-length: ${body.length}\r\n\r\n${body}`,
      'latin1',
    );
    let text = '';
    for await (const chunk of socket.setEncoding('utf8')) {
      text += chunk;
      if (text.includes('\r\n')) break;
    }
    return /^HTTP\/1.1 (\d+)/.exec(text)?.[1] ?? text;
  };

  it('is refused with a key twice, and with bytes that no header may have', async () => {
    expect(await rawStatus('idempotency-key: one\r\n')).toBe('200');
    expect(await rawStatus('idempotency-key: one\r\nidempotency-key: two\r\n')).toBe('400');
    expect(await rawStatus('idempotency-key: a\0b\r\n')).toBe('400');
    expect(await rawStatus('idempotency-key: \xed\xa0\x80\r\n')).toBe('400');
    expect(await fleetsCalled('raw')).toHaveLength(1);
  });

  it.each([
    ['is empty', ''],
    ['has 256 characters', 'k'.repeat(256)],
    ['has letters that look like others', 'kеy'.normalize()],
    ['has an open quote', '"key'],
  ])('is refused where the key %s', async (_what, key) => {
    // Headers are bytes: fetch takes each of them as one character.
    const bytes = Buffer.from(key, 'utf8').toString('latin1');
    const answer = await sendKeyed(organization.client, bytes, createFleet, { name: 'odd' });
    expect(outcomeOf(answer)).toBe('400 IDEMPOTENCY_KEY_INVALID');
    expect(answer.errors[0]?.message).toMatch(/^Idempotency-Key: must /);
    expect(await fleetsCalled('odd')).toEqual([]);
  });

  it('is refused with variables that have no canonical form', async () => {
    const answer = await sendKeyed(organization.client, randomUUID(), createFleet, { name: 'lone \ud800' });
    expect(outcomeOf(answer)).toBe('400 IDEMPOTENCY_KEY_INVALID');
  });

  it('takes 255 characters, and nothing on queries', async () => {
    const longest = `${randomUUID()}${'~'.repeat(219)}`;
    expect(outcomeOf(await sendKeyed(organization.client, longest, createFleet, { name: 'longest' }))).toBe('200');
    for (const key of [longest, '"odd']) {
      expect(outcomeOf(await sendKeyed(organization.client, key, '{ fleets(first: 1) { totalCount } }'))).toBe('200');
    }
  });

  it('is refused by the operators’ API', async () => {
    const operator = await operatorClient(deployment);
    const create = 'mutation { createOrganization(input: { name: "Keyed" }) { organization { id } } }';
    const answer = await sendKeyed(operator, randomUUID(), create);
    expect(outcomeOf(answer)).toBe('400 IDEMPOTENCY_KEY_INVALID');
    expect(await admin`select from app.organizations where name = 'Keyed'`).toHaveLength(0);
  });
});
