import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type postgres from 'postgres';
import type { AuthenticatedKey } from '../../auth/api-keys/authenticate.js';
import { type ParsedKey, parseKey } from '../../auth/api-keys/key-format.js';
import { RememberedKeys } from '../../auth/api-keys/remembered-keys.js';
import { connectAsAdmin } from '../support/admin-connection.js';
import { type GraphqlClient, graphqlClient } from '../support/graphql-client.js';
import { operatorClient, setLimits } from '../support/operator-client.js';
import { startTestDeployment, type TestDeployment, type TestOrganization } from '../support/test-deployment.js';

let deployment: TestDeployment;
let organization: TestOrganization;
let admin: postgres.Sql;
let operator: GraphqlClient;
/** Another gateway, which does not see what the first one is asked. */
let secondUrl: string;

beforeAll(async () => {
  deployment = await startTestDeployment();
  secondUrl = (await deployment.startGateway()).url;
  operator = await operatorClient(deployment);
  organization = await deployment.createOrganization('A');
  admin = connectAsAdmin(deployment.cluster, new URL(deployment.adminUrl('operational')).pathname.slice(1));
});
afterAll(async () => {
  await admin.end();
  await deployment.stop();
});

const fleets = '{ fleets(first: 1) { totalCount } }';
/** Rests on memory alone, but for the confirmation. */
const me = '{ me { keyId } }';
const rename = (name: string) =>
  `mutation { updateOrganization(input: { name: "${name}" }) { organization { name } } }`;

/** A key that the second gateway remembers. */
async function remembered(...scopes: string[]): Promise<{ id: string; text: string; client: GraphqlClient }> {
  const { id, text } = await organization.createKey({ scopes });
  const client = graphqlClient(secondUrl, text);
  for (const _ of [1, 2, 3]) await client.ok(me);
  return { id, text, client };
}

const update = (id: string, input: object) =>
  organization.client.ok('mutation ($input: UpdateApiKeyInput!) { updateApiKey(input: $input) { apiKey { id } } }', {
    input: { id, ...input },
  });
const revoke = (id: string) =>
  organization.client.ok(`mutation { revokeApiKey(input: { id: "${id}" }) { apiKey { id } } }`);
const rotate = async (id: string, graceSeconds: number): Promise<string> =>
  (
    await organization.client.ok(
      `mutation { rotateApiKey(input: { id: "${id}", graceSeconds: ${graceSeconds} }) { secret } }`,
    )
  ).rotateApiKey.secret;

/** Ends the connections of gateways that listen for keys. */
const endListeners = () =>
  admin`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and query = 'listen "bulkhead_api_keys"'`;

describe.each([
  ['with notices', async () => {}],
  ['without notices', async () => void (await endListeners())],
])('a key that another gateway remembers, %s', (_, prepare) => {
  it.each([
    ['an operation on rows', fleets],
    ['one that rests on memory', me],
    ['introspection', '{ __typename }'],
    ['a mutation', rename('revoked')],
  ])('is refused for %s at once when it is revoked', async (_what, operation) => {
    const { id, client } = await remembered('* *');
    await prepare();
    await revoke(id);
    const answer = await client.send(operation);
    expect([answer.status, answer.errors.map(({ extensions }) => extensions.code)]).toEqual([401, ['UNAUTHENTICATED']]);
  });

  it('has its new scopes in the very next request', async () => {
    const { id, client } = await remembered('read PLACE/#/#');
    await client.ok(fleets);
    await prepare();
    await update(id, { scopes: [{ action: 'READ', resourceFilter: 'AUDIT' }] });
    expect(await client.codes(fleets)).toEqual(['FORBIDDEN']);
    await update(id, { scopes: [{ action: 'READ', resourceFilter: 'PLACE/#/#' }] });
    await client.ok(fleets);
  });

  it('does once what a mutation asks for', async () => {
    const { id, client } = await remembered('* *');
    await prepare();
    await update(id, { name: 'renamed' });
    await client.ok(rename(`by ${id}`));
    const entries = await admin`
      select outcome from audit.entries where actor_id = ${id} and action = 'updateOrganization'`;
    expect(entries.map(({ outcome }) => outcome)).toEqual(['SUCCEEDED']);
  });

  it('is charged once for a request that is run again', async () => {
    const thrifty = await deployment.createOrganization('Thrifty');
    // A token a minute: none flows in while this runs.
    await setLimits(operator, thrifty.orgId, 'STANDARD', 1, 1000);
    const { id, text } = await thrifty.createKey({ scopes: ['* *'] });
    const client = graphqlClient(secondUrl, text);
    const left = async () => {
      const answer = await client.send(fleets);
      expect(answer.status).toBe(200);
      return Number(/"standard";r=(\d+)/.exec(answer.headers.get('ratelimit') ?? '')?.[1]);
    };
    const first = await left();
    await prepare();
    await admin`update app.api_keys set name = 'renamed' where id = ${id}`;
    expect(await left()).toBe(first - 1);
  });

  it('ends with the grace period of its secret', async () => {
    const { id, text, client } = await remembered('read PLACE/#/#');
    await prepare();
    const second = await rotate(id, 3600);
    await client.ok(fleets);
    await graphqlClient(secondUrl, second).ok(fleets);
    await rotate(id, 0);
    for (const secret of [text, second]) {
      expect((await graphqlClient(secondUrl, secret).send(fleets)).status).toBe(401);
    }
  });
});

/** Waits for a condition; answers from memory alone would let nothing else happen. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise(setImmediate);
}

/** A key as it is remembered, which it is as soon as notices are heard. */
async function whenRemembered(keys: RememberedKeys, presented: ParsedKey): Promise<AuthenticatedKey | undefined> {
  let found = await keys.find(presented);
  await until(async () => {
    const before = found;
    found = await keys.find(presented);
    return found === before;
  });
  return found;
}

describe('remembered keys', () => {
  const keysOf = (text: string) => parseKey(text)!;

  it('are found without the database until they change', async () => {
    const keys = new RememberedKeys(deployment.operational);
    const { id, text } = await organization.createKey({ scopes: ['* *'] });
    const presented = keysOf(text);
    // Remembered as soon as it listens.
    await whenRemembered(keys, presented);
    expect(await keys.find({ ...presented, secretHash: Buffer.alloc(32) })).toBeUndefined();
    expect(await keys.find({ ...presented, type: 'EXTERNAL' })).toBeUndefined();
    await update(id, { name: 'renamed' });
    // Forgotten with the notice, if not at once.
    await until(async () => (await keys.find(presented))?.key.name === 'renamed');
    await revoke(id);
    await until(async () => (await keys.find(presented))?.active === false);
    await keys.close();
  });

  it('are none that are unknown or inactive, and none while nobody listens', async () => {
    const keys = new RememberedKeys(deployment.operational);
    const { id, text } = await organization.createKey({ scopes: ['* *'] });
    const presented = keysOf(text);
    await whenRemembered(keys, presented);
    await revoke(id);
    await until(async () => (await keys.find(presented))?.active === false);
    const answer = await keys.find(presented);
    expect(await keys.find(presented)).not.toBe(answer);
    await keys.close();

    const other = await organization.createKey({ scopes: ['* *'] });
    const deaf = new RememberedKeys(deployment.operational);
    await deaf.close();
    const answered = await deaf.find(keysOf(other.text));
    expect(await deaf.find(keysOf(other.text))).not.toBe(answered);
  });

  it('are forgotten when the connection of notices is lost, and remembered again after', async () => {
    const keys = new RememberedKeys(deployment.operational);
    const presented = keysOf((await organization.createKey({ scopes: ['* *'] })).text);
    const found = await whenRemembered(keys, presented);
    await endListeners();
    await until(async () => found !== (await keys.find(presented)));
    expect(await whenRemembered(keys, presented)).toEqual(found);
    await keys.close();
  });

  it('end with their expiry', async () => {
    const keys = new RememberedKeys(deployment.operational);
    const { text } = await organization.createKey({ scopes: ['* *'], expiresAt: new Date(Date.now() + 1500) });
    await until(async () => (await keys.find(keysOf(text)))?.active !== true);
    expect(await keys.find(keysOf(text))).toMatchObject({ active: false });
    await keys.close();
  });
});
