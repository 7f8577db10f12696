import { createHmac, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import postgres from 'postgres';
import { Webhook } from 'standardwebhooks';
import { systemIdentity } from '../../auth/identity.js';
import { closeDatabase, openDatabase } from '../../db/database.js';
import { withOrg } from '../../db/with-org.js';
import { expiries } from '../../jobs/expiries.js';
import { until } from '../support/bulkhead-process.js';
import { type RawAnswer, rawRequest } from '../support/raw-request.js';
import { startTestDeployment, type TestDeployment, type TestOrganization } from '../support/test-deployment.js';

/*
 * What third parties post to hooks: signed as they do it, over HTTP, verified by the worker.
 */
const secret = `whsec_${randomBytes(32).toString('base64')}`;
const stripeSecret = 'whsec_5ec7e7f0r5tr1pe';

let deployment: TestDeployment;
let admin: postgres.Sql;
let organization: TestOrganization;
let hook: string;
let stripeHook: string;

beforeAll(async () => {
  deployment = await startTestDeployment();
  admin = postgres(deployment.adminUrl('operational'), { max: 1, onnotice: () => {} });
  organization = await deployment.createOrganization('Receiver');
  hook = await createHook({}, secret);
  stripeHook = await createHook({ scheme: ['STRIPE'] }, stripeSecret);
});
afterAll(async () => {
  await admin?.end();
  await deployment?.stop();
});

async function createHook(properties: object, value: string, of = organization): Promise<string> {
  const { createIntegration } = await of.client.ok(
    `mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) { id integration { hookPath } } }`,
    { input: { name: 'Hook', direction: 'INGRESS', type: 'WEBHOOK', properties } },
  );
  const { id } = createIntegration;
  expect(createIntegration.integration.hookPath).toBe(`/hooks/${id}`);
  await putSecret(id, 'signingSecret', value, of);
  return id;
}

const putSecret = (integrationId: string, name: string, value: string, of = organization) =>
  of.client.ok(`mutation ($input: PutSecretInput!) { putSecret(input: $input) { version } }`, {
    input: { integrationId, name, value },
  });

const post = (id: string, body: string, headers: Record<string, string>, url = deployment.gateway.url) =>
  rawRequest(url, { path: `/hooks/${id}`, body, headers });

let eventNumber = 0;
const newEventId = () => {
  eventNumber += 1;
  return `msg_${eventNumber}`;
};

/** Signs as the package of the standard does. */
const signed = (body: string, id = newEventId(), at = new Date(), key = secret) => ({
  'webhook-id': id,
  'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
  'webhook-signature': new Webhook(key).sign(id, at, body),
});

const stripeSignature = (body: string, key = stripeSecret, seconds = Math.floor(Date.now() / 1000)) =>
  createHmac('sha256', key).update(`${seconds}.${body}`).digest('hex');
const signedByStripe = (body: string, key = stripeSecret, seconds = Math.floor(Date.now() / 1000)) => ({
  'stripe-signature': `t=${seconds},v1=${stripeSignature(body, key, seconds)}`,
});

const events = async (id: string, of = organization) => {
  const { integration } = await of.client.ok(
    `query ($id: ID!) { integration(id: $id) { inboundEvents(first: 100) { nodes { id eventId status createdAt } } } }`,
    { id },
  );
  return integration.inboundEvents.nodes;
};

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);
const body = JSON.stringify({ type: 'reading', data: { value: 1 } });

describe('a post by Standard Webhooks', () => {
  it('is accepted and listed', async () => {
    const headers = signed(body);
    const answer = await post(hook, body, headers);
    expect([answer.status, answer.text]).toEqual([200, '{"status":"accepted"}']);
    expect((await events(hook))[0]).toMatchObject({ eventId: headers['webhook-id'], status: 'RECEIVED' });
  });

  it('is accepted with one good signature of several', async () => {
    const headers = signed(body);
    const others = signed(body, headers['webhook-id'], new Date(), `whsec_${randomBytes(32).toString('base64')}`);
    const both = `v1a,abc ${others['webhook-signature']} ${headers['webhook-signature']}`;
    expect((await post(hook, body, { ...headers, 'webhook-signature': both })).status).toBe(200);
  });

  it('is accepted with the former secret while there is one', async () => {
    const former = `whsec_${randomBytes(24).toString('base64')}`;
    const id = await createHook({}, secret);
    const headers = () => signed(body, newEventId(), new Date(), former);
    expect((await post(id, body, headers())).status).toBe(400);
    await putSecret(id, 'formerSigningSecret', former);
    expect((await post(id, body, headers())).status).toBe(200);
    expect((await post(id, body, signed(body))).status).toBe(200);
  });

  const spaced = JSON.stringify(JSON.parse(body), null, 1);
  it.each<[string, () => [string, Record<string, string>]]>([
    ['a changed body', () => [body.replace('1', '2'), signed(body)]],
    ['JSON that was written anew', () => [spaced, signed(body)]],
    [
      'another secret',
      () => [body, signed(body, newEventId(), new Date(), `whsec_${randomBytes(32).toString('base64')}`)],
    ],
    ['another id', () => [body, { ...signed(body), 'webhook-id': 'msg_other' }]],
    [
      'another moment',
      () => [body, { ...signed(body), 'webhook-timestamp': String(Math.floor(Date.now() / 1000) - 1) }],
    ],
    ['a moment over 300 s ago', () => [body, signed(body, newEventId(), minutesAgo(10))]],
    ['a moment over 300 s ahead', () => [body, signed(body, newEventId(), minutesAgo(-10))]],
    [
      'a signature cut short',
      () => {
        const headers = signed(body);
        return [body, { ...headers, 'webhook-signature': headers['webhook-signature'].slice(0, 20) }];
      },
    ],
    ['no signature', () => [body, { 'webhook-id': 'a', 'webhook-timestamp': String(Math.floor(Date.now() / 1000)) }]],
    ['no header at all', () => [body, {}]],
    ['a signature of Stripe', () => [body, signedByStripe(body, secret)]],
  ])('is refused with %s, all in the same words', async (_what, make) => {
    const before = (await events(hook)).length;
    const [text, headers] = make();
    const answer = await post(hook, text, headers);
    expect([answer.status, JSON.parse(answer.text).errors[0].message]).toEqual([400, 'The post could not be verified']);
    expect(await events(hook)).toHaveLength(before);
  });
});

describe('a post by Stripe', () => {
  const event = (id: string) => JSON.stringify({ id, object: 'event', type: 'invoice.paid' });

  it('is accepted by the id in its body', async () => {
    const text = event('evt_1');
    expect((await post(stripeHook, text, signedByStripe(text))).status).toBe(200);
    expect((await events(stripeHook))[0]).toMatchObject({ eventId: 'evt_1' });
  });

  it('is accepted with two signatures of which one is good', async () => {
    const text = event('evt_2');
    const seconds = Math.floor(Date.now() / 1000);
    const signatures = ['a', stripeSecret].map((key) => `v1=${stripeSignature(text, key, seconds)}`);
    const headers = { 'stripe-signature': `t=${seconds},v0=abc,${signatures.join(',')}` };
    expect((await post(stripeHook, text, headers)).status).toBe(200);
  });

  const text = event('evt_refused');
  const seconds = () => Math.floor(Date.now() / 1000);
  it.each<[string, () => [string, Record<string, string>]]>([
    ['a changed body', () => [text.replace('paid', 'void'), signedByStripe(text)]],
    ['JSON that was written anew', () => [JSON.stringify(JSON.parse(text), null, 2), signedByStripe(text)]],
    ['another secret', () => [text, signedByStripe(text, 'whsec_other')]],
    ['a moment over 300 s ago', () => [text, signedByStripe(text, stripeSecret, seconds() - 305)]],
    [
      'two moments',
      () => [text, { 'stripe-signature': `t=${seconds() - 900},${signedByStripe(text)['stripe-signature']}` }],
    ],
    ['no moment', () => [text, { 'stripe-signature': `v1=${stripeSignature(text)}` }]],
    ['no header', () => [text, {}]],
    ['no id in it', () => ['{}', signedByStripe('{}')]],
    ['no JSON in it', () => ['x', signedByStripe('x')]],
  ])('is refused with %s', async (_what, make) => {
    const [sent, headers] = make();
    expect((await post(stripeHook, sent, headers)).status).toBe(400);
  });
});

describe('a hook', () => {
  it('has one answer for what does not exist, is disabled, or is none', async () => {
    const { createIntegration: egress } = await organization.client.ok(
      `mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) { id } }`,
      { input: { name: 'Out', direction: 'EGRESS', type: 'WEBHOOK', properties: { url: ['https://example.com'] } } },
    );
    const { createIntegration: plain } = await organization.client.ok(
      `mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) { id } }`,
      { input: { name: 'Plain', direction: 'INGRESS', type: 'WEATHER' } },
    );
    const disabled = await createHook({}, secret);
    const set = (isEnabled: boolean) =>
      organization.client.ok(
        `mutation { setIntegrationEnabled(input: { id: "${disabled}", isEnabled: ${isEnabled} }) { integration { isEnabled } } }`,
      );
    await set(false);
    const shown = ({ status, text }: RawAnswer) => [status, JSON.parse(text).errors[0].message];
    for (const id of ['018f0000-0000-7000-8000-000000000000', 'nonsense', egress.id, plain.id, disabled]) {
      expect(shown(await post(id, body, signed(body)))).toEqual([404, 'No such address']);
    }
    await set(true);
    expect((await post(disabled, body, signed(body))).status).toBe(200);
    await organization.client.ok(`mutation { deleteIntegration(input: { id: "${disabled}" }) { id } }`);
    expect((await post(disabled, body, signed(body))).status).toBe(404);
  });

  it('takes an event once, however often it comes, and answers all the same', async () => {
    const headers = signed(body);
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(hook, body, headers)));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    const ofEvent = (await events(hook)).filter(
      ({ eventId }: { eventId: string }) => eventId === headers['webhook-id'],
    );
    expect(ofEvent).toHaveLength(1);
    const [waiting] = await admin`select count(*)::int as count from app.hook_posts`;
    expect(waiting?.['count']).toBe(0);
  });

  it('takes 256 KiB and no more, and bytes of any kind', async () => {
    const large = 'x'.repeat(256 * 1024);
    expect((await post(hook, large, { ...signed(large), 'content-type': 'text/plain' })).status).toBe(200);
    const answer = await post(hook, `${large}x`, signed(`${large}x`));
    expect(answer.status).toBe(413);
    expect(answer.text).toContain('256 KiB');
  });

  it('charges a token of the organization for what it accepts, and for nothing else', async () => {
    const poor = await deployment.createOrganization('Poor');
    const id = await createHook({}, secret, poor);
    await admin`
      update platform.rate_limits set per_minute = 1, burst = 2 where org_id = ${poor.orgId} and tier = 'STANDARD'`;
    await admin`delete from platform.rate_buckets where org_id = ${poor.orgId}`;
    for (let count = 0; count < 5; count += 1) {
      expect(
        (await post(id, body, signed(body, 'x', new Date(), `whsec_${randomBytes(32).toString('base64')}`))).status,
      ).toBe(400);
    }
    const first = signed(body);
    expect((await post(id, body, first)).status).toBe(200);
    expect((await post(id, body, signed(body))).status).toBe(200);
    const limited = await post(id, body, signed(body, 'msg_limited'));
    expect(limited.status).toBe(429);
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
    // A repetition costs nothing; what was refused for want of a token can come again.
    expect((await post(id, body, first)).status).toBe(200);
    await admin`delete from platform.rate_buckets where org_id = ${poor.orgId}`;
    expect((await post(id, body, signed(body, 'msg_limited'))).status).toBe(200);
  });

  it('is closed for the rest of a minute to an address that was refused 30 times, and open to others', async () => {
    const id = await createHook({}, secret);
    const from = (address: string, headers: Record<string, string>, written = id) =>
      post(written, body, { ...headers, 'x-forwarded-for': address });
    const bad = { ...signed(body), 'webhook-signature': 'v1,AAAA' };
    const statuses = [];
    // However the id is written.
    const written = [id, id.toUpperCase()];
    for (let count = 0; count < 31; count += 1)
      statuses.push((await from('192.0.2.1', bad, written[count % 2])).status);
    expect(statuses).toEqual([...Array(30).fill(400), 429]);
    expect((await from('192.0.2.1', signed(body))).status).toBe(429);
    expect((await from('192.0.2.2', signed(body))).status).toBe(200);
  });

  it('answers 503 while no worker looks, leaves no post behind, and bounds those that wait', async () => {
    await deployment.stopWorker();
    try {
      const id = await createHookWithoutWorker();
      const waiting = Promise.all(
        Array.from({ length: 70 }, (_, index) =>
          post(id, body, { ...signed(body), 'x-forwarded-for': '192.0.2.3' }).then(({ status }) => ({ index, status })),
        ),
      );
      const count = async () => (await admin`select count(*)::int as count from app.hook_posts`)[0]?.['count'];
      await until('posts that wait', async () => ((await count()) === 60 ? true : undefined));
      const statuses = (await waiting).map(({ status }) => status);
      expect(statuses.filter((status) => status === 429)).toHaveLength(10);
      expect(statuses.filter((status) => status === 503)).toHaveLength(60);
      expect(await count()).toBe(0);
      expect(await admin`select from platform.integration_work where kind = 'POST'`).toHaveLength(0);
    } finally {
      await deployment.startWorker();
    }
  });
});

/** The vault key of the organization is there already. */
const createHookWithoutWorker = () => createHook({}, secret);

describe('isolation', () => {
  it('shows a key of one integration that one, and lets it test and switch no other', async () => {
    const { client } = await organization.createKey({ scopes: [`* INTEGRATION/INGRESS/WEBHOOK/${hook}`] });
    const data = await client.ok(
      '{ integrations(first: 100) { nodes { id inboundEvents(first: 1) { nodes { id } } } } }',
    );
    expect(data.integrations.nodes.map(({ id }: { id: string }) => id)).toEqual([hook]);
    expect(data.integrations.nodes[0].inboundEvents.nodes).toHaveLength(1);
    const change = (name: string, input: string) =>
      client.codes(`mutation { ${name}(input: { ${input} }) { __typename } }`);
    for (const id of [stripeHook, '018f0000-0000-7000-8000-000000000000']) {
      expect(await change('setIntegrationEnabled', `id: "${id}", isEnabled: false`)).toEqual(['NOT_FOUND']);
      expect(await change('testSend', `id: "${id}"`)).toEqual(['NOT_FOUND']);
    }
    await client.ok(`mutation { setIntegrationEnabled(input: { id: "${hook}", isEnabled: true }) { __typename } }`);
    const other = await deployment.createOrganization('Other');
    expect(
      await other.client.codes(`{ integration(id: "${hook}") { inboundEvents(first: 1) { nodes { id } } } }`),
    ).toEqual(['NOT_FOUND']);
  });
});

describe('records', () => {
  it('are removed after 30 days, and not before', async () => {
    const { contextKey, operationalUrl } = deployment.workerConfiguration;
    const worker = openDatabase({ url: operationalUrl, contextKey, applicationName: 'test' });
    const sweep = expiries.find(({ name }) => name === 'integrationRecords')?.sweep;
    const removeAt = (days: number) =>
      withOrg(worker, systemIdentity(organization.orgId, 'test', 'test'), 'write', async (tx) =>
        sweep?.remove(tx, new Date(Date.now() + days * 86_400_000)),
      );
    try {
      const count = (await events(hook)).length + (await events(stripeHook)).length;
      expect(count).toBeGreaterThan(2);
      expect(await removeAt(29)).toBe(0);
      expect(await removeAt(31)).toBeGreaterThanOrEqual(count);
      expect(await events(hook)).toEqual([]);
    } finally {
      await closeDatabase(worker);
    }
  });
});
