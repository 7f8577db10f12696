import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type postgres from 'postgres';
import { systemIdentity } from '../../../auth/identity.js';
import { closeDatabase, openDatabase } from '../../../db/database.js';
import { withOrg } from '../../../db/with-org.js';
import { AnswerSeal } from '../../../domain/idempotency/answer-seal.js';
import { expiries } from '../../../jobs/expiries.js';
import { change } from '../../isolation/seed.js';
import { connectAsAdmin } from '../../support/admin-connection.js';
import { startGatewayProcess } from '../../support/gateway-process.js';
import { type GraphqlAnswer, type GraphqlClient, graphqlClient } from '../../support/graphql-client.js';
import { startTestDeployment, type TestDeployment, type TestOrganization } from '../../support/test-deployment.js';
import { hold } from './held.js';
import { createFleet, outcomeOf, sendKeyed } from './keyed.js';

let deployment: TestDeployment;
let organization: TestOrganization;
let client: GraphqlClient;
let admin: postgres.Sql;
let key: string;

beforeAll(async () => {
  deployment = await startTestDeployment();
  organization = await deployment.createOrganization('Crashing');
  client = organization.client;
  admin = connectAsAdmin(deployment.cluster, new URL(deployment.adminUrl('operational')).pathname.slice(1));
});
afterAll(async () => {
  await admin?.end();
  await deployment?.stop();
});
beforeEach(() => {
  key = randomUUID();
});

const fleetsCalled = async (name: string) => (await admin`select id from app.places where name = ${name}`).length;
const recordOf = async () => (await admin`select * from app.idempotency_keys where key = ${key}`)[0];
/** Ends the time for which a request counts as running. */
const endLease = () => admin`update app.idempotency_keys set leased_until = clock_timestamp() where key = ${key}`;
/** Leaves a record as a process leaves it that ended after the commit and before it could store the answer. */
const loseAnswer = () =>
  admin`update app.idempotency_keys set answer = null, leased_until = clock_timestamp() where key = ${key}`;
/** Leaves a record as a process leaves it that ended between the effect in another store and its outcome. */
const loseOutcome = () =>
  admin`update app.idempotency_keys
        set answer = null, reference = null, is_done = false, leased_until = clock_timestamp() where key = ${key}`;

describe('while a request is running', () => {
  it('others with its key are 409 at once, on every gateway, and get its answer afterwards', async () => {
    const second = graphqlClient((await deployment.startGateway()).url, client.key);
    const held = await hold(admin, 'before insert on app.places for each row');
    const first = sendKeyed(client, key, createFleet, { name: 'slow' });
    await held.waiting();
    for (const each of [client, second]) {
      const other = await sendKeyed(each, key, createFleet, { name: 'slow' });
      expect(outcomeOf(other)).toBe('409 IDEMPOTENCY_KEY_IN_USE');
      expect(other.headers.get('retry-after')).toBe('1');
      expect(other.errors[0]?.extensions).toMatchObject({ retryAfterMs: 1000, problem: { status: 409 } });
    }
    await held.release();
    expect(outcomeOf(await first)).toBe('200');
    const again = await sendKeyed(second, key, createFleet, { name: 'slow' });
    expect([outcomeOf(again), again.text]).toEqual(['200 replayed', (await first).text]);
    expect(await fleetsCalled('slow')).toBe(1);
  });
});

describe('a gateway that is killed', () => {
  it('between the effect and its answer has had one effect, which a retry tells', async () => {
    const gateway = await startGatewayProcess(deployment.gatewayConfiguration);
    const held = await hold(admin, 'before update on app.idempotency_keys for each row when (new.answer is not null)');
    const lost = sendKeyed(graphqlClient(gateway.url, client.key), key, createFleet, { name: 'survivor' });
    lost.catch(() => {});
    await held.waiting();
    expect(await fleetsCalled('survivor')).toBe(1);
    await gateway.kill();
    await expect(lost).rejects.toThrow();
    await held.endWaiting();
    await held.release();
    expect(await recordOf()).toMatchObject({ is_done: true, answer: null });

    const early = await sendKeyed(client, key, createFleet, { name: 'survivor' });
    expect(outcomeOf(early)).toBe('409 IDEMPOTENCY_KEY_IN_USE');
    await endLease();
    const retry = await sendKeyed(client, key, createFleet, { name: 'survivor' });
    expect(outcomeOf(retry)).toBe('200 replayed');
    const [row] = await admin`select id from app.places where name = 'survivor'`;
    expect(retry.data.createFleet).toMatchObject({ id: row?.['id'], fleet: { id: row?.['id'], name: 'survivor' } });
    expect(await fleetsCalled('survivor')).toBe(1);
  });

  it('before the effect has had none, and a retry has it', async () => {
    const gateway = await startGatewayProcess(deployment.gatewayConfiguration);
    const held = await hold(admin, 'before insert on app.places for each row');
    const lost = sendKeyed(graphqlClient(gateway.url, client.key), key, createFleet, { name: 'retried' });
    lost.catch(() => {});
    await held.waiting();
    await gateway.kill();
    await expect(lost).rejects.toThrow();
    await held.endWaiting();
    await held.release();
    expect([await recordOf(), await fleetsCalled('retried')]).toEqual([undefined, 0]);
    expect(outcomeOf(await sendKeyed(client, key, createFleet, { name: 'retried' }))).toBe('200');
    expect(await fleetsCalled('retried')).toBe(1);
  });
});

describe('an answer that was lost', () => {
  const organizationFields = 'organization { displayName }';
  it.each<[string, () => Promise<string> | string]>([
    ['an update', () => `updateOrganization(input: { displayName: "Lost" }) { ${organizationFields} }`],
    ['a setting', () => `setRetention(input: { days: 3650 }) { organization { retentionDays } }`],
    [
      'a definition',
      () =>
        `createMetric(input: { name: "m${key.slice(0, 8)}", displayName: "M", dataType: INT, defaultAggregation: SUM }) { id metric { name } }`,
    ],
    [
      'a key without its secret',
      () =>
        `createApiKey(input: { name: "K", type: ADMIN, scopes: [{ action: READ, resourceFilter: "*" }] }) { id apiKey { name } }`,
    ],
    [
      'a type with its version',
      () =>
        `createThingType(input: { displayName: "T${key.slice(0, 8)}", metricIds: [] }) { id versionId thingType { id } }`,
    ],
    [
      'a deletion',
      async () =>
        `deleteFleet(input: { id: "${(await client.ok(createFleet, { name: 'gone' })).createFleet.id}" }) { id }`,
    ],
    [
      'a site and its level type',
      async () => {
        const { id } = await change(client, 'createSite', { name: 'S', address: '', latitude: 1, longitude: 2 });
        return `createLevelType(input: { siteId: "${id}", name: "Floor" }) { id levelType { name } }`;
      },
    ],
    [
      'an integration that is deleted',
      async () => {
        const { id } = await change(client, 'createIntegration', { name: 'I', direction: 'EGRESS', type: 'PAGER' });
        return `deleteIntegration(input: { id: "${id}" }) { id }`;
      },
    ],
  ])('is made again for %s', async (_what, field) => {
    const mutation = `mutation { ${await field()} }`;
    const first = await sendKeyed(client, key, mutation);
    expect(outcomeOf(first)).toBe('200');
    await loseAnswer();
    const again = await sendKeyed(client, key, mutation);
    expect([outcomeOf(again), again.data]).toEqual(['200 replayed', first.data]);
  });

  it('is made again where it was too large to be kept', async () => {
    const attributes = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`a${index}`, 'x'.repeat(1000)]));
    const mutation = `mutation ($a: JSONObject) {
      createFleet(input: { name: "large", attributes: $a }) { fleet { a: attributes b: attributes c: attributes } }
    }`;
    const first = await sendKeyed(client, key, mutation, { a: attributes });
    expect(outcomeOf(first)).toBe('200');
    expect(await recordOf()).toMatchObject({ is_done: true, answer: null });
    const again = await sendKeyed(client, key, mutation, { a: attributes });
    expect([outcomeOf(again), again.data]).toEqual(['200 replayed', first.data]);
    expect(await fleetsCalled('large')).toBe(1);
  });

  it('is refused to a key that has lost a scope', async () => {
    const other = await organization.createKey({ scopes: ['* PLACE/#/#', 'read AUDIT'] });
    expect(outcomeOf(await sendKeyed(other.client, key, createFleet, { name: 'lesser' }))).toBe('200');
    await loseAnswer();
    await change(
      client,
      'updateApiKey',
      { id: other.id, scopes: [{ action: 'ANY', resourceFilter: 'PLACE/#/#' }] },
      'apiKey { id }',
    );
    expect(outcomeOf(await sendKeyed(other.client, key, createFleet, { name: 'lesser' }))).toBe('403 FORBIDDEN');
    expect(await fleetsCalled('lesser')).toBe(1);
  });
});

describe('secrets', () => {
  const scopes = '[{ action: READ, resourceFilter: "PLACE/#/#" }]';
  const createKey = `mutation { createApiKey(input: { name: "Keyed", type: ADMIN, scopes: ${scopes} }) { text: secret id } }`;

  const refusal = (answer: GraphqlAnswer) => [
    outcomeOf(answer),
    answer.errors[0]?.path,
    answer.errors[0]?.extensions.resource,
  ];

  it('of new API keys are shown once, and never stored', async () => {
    const first = await sendKeyed(client, key, createKey);
    const { id, text } = first.data.createApiKey;
    const secret = text.slice(text.lastIndexOf('_') + 1);
    expect(await graphqlClient(client.url, text).codes('{ auditEvents(first: 1) { nodes { id } } }')).toEqual([
      'FORBIDDEN',
    ]);
    const rotate = `mutation { rotateApiKey(input: { id: "${id}" }) { secret apiKey { id } } }`;
    const rotationKey = randomUUID();
    const rotation = await sendKeyed(client, rotationKey, rotate);
    const rotated = rotation.data.rotateApiKey.secret;

    const wanted = ['410 SECRET_SHOWN_ONCE replayed', ['createApiKey', 'text'], `APIKEY/${id}`];
    const again = await sendKeyed(client, key, createKey);
    expect(refusal(again)).toEqual(wanted);
    const rotatedAgain = await sendKeyed(client, rotationKey, rotate);
    expect(refusal(rotatedAgain)).toEqual([
      '410 SECRET_SHOWN_ONCE replayed',
      ['rotateApiKey', 'secret'],
      `APIKEY/${id}`,
    ]);
    // The same where the process ended before the answer was stored.
    await loseAnswer();
    const recovered = await sendKeyed(client, key, createKey);
    expect(refusal(recovered)).toEqual(wanted);

    const seal = new AnswerSeal(deployment.telemetryKey);
    const rows = await admin`select k::text as row, answer, org_id, key, encode(fingerprint, 'hex') as fingerprint
                             from app.idempotency_keys k`;
    const stored = rows.flatMap((row) => [
      String(row['row']),
      row['answer'] === null
        ? ''
        : seal.open({ orgId: row['org_id'], key: row['key'], fingerprint: row['fingerprint'] }, row['answer']),
    ]);
    expect(stored.join('\n')).toContain('SECRET_SHOWN_ONCE');
    for (const value of [secret, rotated.slice(rotated.lastIndexOf('_') + 1)]) {
      for (const form of [value, Buffer.from(value).toString('base64'), Buffer.from(value).toString('hex')]) {
        for (const where of [...stored, again.text, rotatedAgain.text, recovered.text])
          expect(where).not.toContain(form);
      }
    }
    const made = await admin`select id from app.api_keys where name = 'Keyed'`;
    expect(made).toHaveLength(1);
  });
});

describe('changes in two stores', () => {
  const secretsOf = async (id: string) =>
    (await client.ok(`{ integration(id: "${id}") { secrets { name version } } }`)).integration.secrets;
  const newIntegration = async () =>
    (await change(client, 'createIntegration', { name: 'Vault', direction: 'EGRESS', type: 'PAGER' })).id as string;
  const mutation = (name: string, fields: string) =>
    `mutation ($input: ${name.charAt(0).toUpperCase()}${name.slice(1)}Input!) { ${name}(input: $input) { ${fields} } }`;

  it('are not repeated, and their answer is made again', async () => {
    const integrationId = await newIntegration();
    const put = { input: { integrationId, name: 'token', value: 'canary' } };
    const first = await sendKeyed(client, key, mutation('putSecret', 'name version'), put);
    expect(outcomeOf(first)).toBe('200');
    const again = await sendKeyed(client, key, mutation('putSecret', 'name version'), put);
    expect([outcomeOf(again), again.text]).toEqual(['200 replayed', first.text]);
    await loseAnswer();
    const recovered = await sendKeyed(client, key, mutation('putSecret', 'name version'), put);
    expect([outcomeOf(recovered), recovered.data]).toEqual(['200 replayed', first.data]);
    const other = { input: { ...put.input, value: 'other' } };
    expect(outcomeOf(await sendKeyed(client, key, mutation('putSecret', 'name version'), other))).toBe(
      '422 IDEMPOTENCY_KEY_REUSED',
    );
    expect(await secretsOf(integrationId)).toEqual([{ name: 'token', version: 1 }]);
  });

  it('are finished by a retry where the process was killed between effect and outcome', async () => {
    const integrationId = await newIntegration();
    const put = { input: { integrationId, name: 'token', value: 'canary' } };
    const send = (name: string, fields: string, variables: object) =>
      sendKeyed(client, key, mutation(name, fields), variables as Record<string, unknown>);
    const first = await send('putSecret', 'name version', put);
    await loseOutcome();
    const retry = await send('putSecret', 'name version', put);
    expect([outcomeOf(retry), retry.data]).toEqual(['200', first.data]);
    expect(await secretsOf(integrationId)).toEqual([{ name: 'token', version: 1 }]);
    // A secret that was there before is another one.
    const other = await sendKeyed(client, randomUUID(), mutation('putSecret', 'name version'), put);
    expect(outcomeOf(other)).toBe('409 CONFLICT');

    key = randomUUID();
    const remove = { input: { integrationId, name: 'token' } };
    await send('deleteSecret', 'name', remove);
    await loseOutcome();
    expect(outcomeOf(await send('deleteSecret', 'name', remove))).toBe('200');
    expect(await secretsOf(integrationId)).toEqual([]);
    expect(outcomeOf(await sendKeyed(client, randomUUID(), mutation('deleteSecret', 'name'), remove))).toBe(
      '404 NOT_FOUND',
    );
  });

  it('hold the key for as long as a request may run, and give it back where it failed', async () => {
    const integrationId = await newIntegration();
    await client.ok(mutation('putSecret', 'name'), { input: { integrationId, name: 'token', value: 'a' } });
    const put = { input: { integrationId, name: 'token', value: 'b' } };
    const refused = await sendKeyed(client, key, mutation('putSecret', 'name'), put);
    expect(outcomeOf(refused)).toBe('409 CONFLICT');
    expect(outcomeOf(await sendKeyed(client, key, mutation('putSecret', 'name'), put))).toBe('409 CONFLICT replayed');
    await admin`update app.idempotency_keys
                set answer = null, is_done = false, leased_until = clock_timestamp() + interval '60 seconds'
                where key = ${key}`;
    expect(outcomeOf(await sendKeyed(client, key, mutation('putSecret', 'name'), put))).toBe(
      '409 IDEMPOTENCY_KEY_IN_USE',
    );
  });

  it('leave readings and things once', async () => {
    const metric = { name: 'level', dataType: 'INT', defaultAggregation: 'SUM' };
    const metricIds = [(await change(client, 'createMetric', metric)).id];
    const typeId = (await change(client, 'createThingType', { displayName: 'Tank', metricIds })).id;
    const placeId = (await client.ok(createFleet, { name: 'Tanks' })).createFleet.id;
    const thingId = (await change(client, 'createThing', { placeId, typeId, name: 'Tank' })).id;
    const frames = [{ timestamp: Date.now() - 1000, metrics: { level: 7 } }];
    const ingest = { input: { things: [{ thingId, frames }] } };
    const query = mutation('ingestFrames', 'framesIngested things { thingId metrics }');
    const first = await sendKeyed(client, key, query, ingest);
    expect(outcomeOf(first)).toBe('200');
    const again = await sendKeyed(client, key, query, ingest);
    expect([outcomeOf(again), again.text]).toEqual(['200 replayed', first.text]);
    await loseOutcome();
    const repeated = await sendKeyed(client, key, query, ingest);
    expect([outcomeOf(repeated), repeated.data]).toEqual(['200', first.data]);
    const { thing } = await client.ok(`{ thing(id: "${thingId}") { recentEvents(limit: 10) { readings { value } } } }`);
    expect(thing.recentEvents).toEqual([{ readings: [{ value: '7' }] }]);

    key = randomUUID();
    const remove = { input: { id: thingId } };
    expect(outcomeOf(await sendKeyed(client, key, mutation('deleteThing', 'id'), remove))).toBe('200');
    await loseAnswer();
    const removed = await sendKeyed(client, key, mutation('deleteThing', 'id'), remove);
    expect([outcomeOf(removed), removed.data]).toEqual(['200 replayed', { deleteThing: { id: thingId } }]);
  });
});

describe('after 24 hours', () => {
  it('a key is free from the moment of its expiry', async () => {
    const send = () => sendKeyed(client, key, createFleet, { name: 'expiring' });
    const first = await send();
    const [kept] = await admin`
      select extract(epoch from expires_at - begun_at)::int as seconds from app.idempotency_keys where key = ${key}`;
    expect(kept).toEqual({ seconds: 86_400 });
    const expiring = (seconds: number) => admin`
      update app.idempotency_keys set expires_at = clock_timestamp() + make_interval(secs => ${seconds}) where key = ${key}`;
    await expiring(30);
    expect((await send()).text).toBe(first.text);
    await expiring(0);
    const second = await send();
    expect(outcomeOf(second)).toBe('200');
    expect(second.data.createFleet.id).not.toBe(first.data.createFleet.id);
    expect(outcomeOf(await send())).toBe('200 replayed');
    await expiring(-1);
    const other = await sendKeyed(client, key, createFleet, { name: 'another' });
    expect(outcomeOf(other)).toBe('200');
    expect(await fleetsCalled('expiring')).toBe(2);
  });

  it('its record is removed, and no other', async () => {
    await sendKeyed(client, key, createFleet, { name: 'kept' });
    await admin`update app.idempotency_keys set expires_at = clock_timestamp() - interval '1 second' where key <> ${key}`;
    const { contextKey } = deployment.gatewayConfiguration;
    const url = deployment.urlOf('operational', 'bulkhead_worker');
    const operational = openDatabase({ url, contextKey, applicationName: 'test' });
    const { sweep } = expiries.find(({ name }) => name === 'idempotencyKeys')!;
    const identity = systemIdentity(organization.orgId, 'test', 'test');
    // Whatever a worker takes for the time: by the clock of the database it is not over.
    const later = new Date(Date.now() + 7 * 86_400_000);
    const removed = await withOrg(operational, identity, 'write', async (tx) => sweep?.remove(tx, later));
    await closeDatabase(operational);
    expect(removed).toBeGreaterThan(0);
    expect((await admin`select key from app.idempotency_keys`).map((row) => row['key'])).toEqual([key]);
  });
});
