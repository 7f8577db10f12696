import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { until } from '../support/bulkhead-process.js';
import { holdsText, placesOfText } from '../support/places-of-text.js';
import { documentRequest, rawRequest } from '../support/raw-request.js';
import { startTestDeployment, type TestDeployment, type TestOrganization } from '../support/test-deployment.js';
import { unzipped } from '../support/unzipped.js';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.js';

/*
 * A secret goes through everything that touches secrets: put, repeated, replaced, sent, received, exported, refused. It is
 * then searched for wherever anything is shown or kept. The same search finds a canary that is no secret.
 */
const secret = `whsec_${randomBytes(32).toString('base64')}`;
const rotated = `whsec_${randomBytes(32).toString('base64')}`;
const hookSecret = `whsec_${randomBytes(32).toString('base64')}`;
const loose = `sk_live_CANARY_${randomUUID()}`;
/** What is searched for: also the key within the text of a webhook's secret, which is base64 of bytes. */
const secrets = [secret, rotated, hookSecret].flatMap((text) => [text, text.slice('whsec_'.length)]).concat(loose);
const openCanary = `open-canary-${randomUUID()}`;

let deployment: TestDeployment;
let organization: TestOrganization;
let receiver: WebhookReceiver;
/** Everything that the gateway has answered, by what was asked. */
const answers = new Map<string, string>();

beforeAll(async () => {
  receiver = await startWebhookReceiver();
  deployment = await startTestDeployment({ egress: { networks: ['127.0.0.0/8'], dnsServers: [] } });
  organization = await deployment.createOrganization('Keeper');
  await useSecrets();
});
afterAll(async () => {
  await deployment.stop();
  await receiver.close();
});

/** Sends a request, and keeps its answer. */
async function ask(name: string, request: Parameters<typeof rawRequest>[1]) {
  const { status, headers, text } = await rawRequest(deployment.gateway.url, {
    key: organization.client.key,
    ...request,
  });
  answers.set(name, `${status} ${JSON.stringify([...headers])} ${text}`);
  return { status, text };
}

/** Sends a mutation with an input, and answers its payload. */
async function mutate(name: string, input: object, select: string, headers: Record<string, string> = {}) {
  const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input`;
  const query = `mutation ($input: ${type}!) { ${name}(input: $input) { ${select} } }`;
  const request = documentRequest(organization.client.key, query, { input });
  const { text } = await ask(`${name} ${answers.size}`, { ...request, headers });
  return JSON.parse(text).data?.[name];
}

async function query(text: string, variables: object = {}) {
  const answer = await ask(text, documentRequest(organization.client.key, text, variables));
  return JSON.parse(answer.text).data;
}

async function useSecrets(): Promise<void> {
  const egress = (
    await mutate(
      'createIntegration',
      { name: openCanary, direction: 'EGRESS', type: 'WEBHOOK', properties: { url: [receiver.url()] } },
      'id',
    )
  ).id;
  const ingress = (
    await mutate('createIntegration', { name: 'Hook', direction: 'INGRESS', type: 'WEBHOOK' }, 'id hookPath: id')
  ).id;
  const put = (integrationId: string, name: string, value: unknown, headers = {}) =>
    mutate('putSecret', { integrationId, name, value }, 'version', headers);
  const once = { 'idempotency-key': randomUUID() };
  await put(egress, 'signingSecret', secret, once);
  await put(egress, 'signingSecret', secret, once);
  await put(egress, 'signingSecret', secret);
  await put(egress, 'signingSecret', { nested: secret });
  await put(ingress, 'signingSecret', hookSecret);
  await put(ingress, 'loose', loose);
  await put(randomUUID(), 'loose', loose);
  await ask('a body that is no JSON', { body: `{"query": "mutation { putSecret", "secret": "${loose}"` });
  await ask('a document that is none', documentRequest(undefined, `mutation { putSecret(input: "${loose}`));
  await ask('an address', { path: `/graphql?secret=${encodeURIComponent(loose)}`, method: 'GET' });
  await mutate('testSend', { id: egress }, 'delivery { status failure }');
  await mutate('rotateSecret', { integrationId: egress, name: 'signingSecret', value: rotated }, 'version', once);
  await mutate('testSend', { id: egress }, 'delivery { status failure }');
  expect(receiver.received).toHaveLength(2);
  for (const key of [hookSecret, secret]) {
    const body = JSON.stringify({ hello: openCanary });
    const [id, at] = [randomUUID(), new Date()];
    const headers = {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(key).sign(id, at, body),
    };
    const { status } = await ask(`hook ${status_(key)}`, { path: `/hooks/${ingress}`, body, headers });
    expect(status).toBe(key === hookSecret ? 200 : 400);
  }
}

const status_ = (key: string) => (key === hookSecret ? 'accepted' : 'refused');

async function archive(): Promise<Map<string, Buffer>> {
  const { id, token } = await mutate('createExport', {}, 'id token');
  await until('the archive', async () => {
    const { export: made } = await query('query ($id: ID!) { export(id: $id) { state failure } }', { id });
    return made.state === 'READY' ? true : undefined;
  });
  const response = await fetch(`${deployment.gateway.url}/exports/${id}`, {
    headers: { 'x-api-key': organization.client.key!, 'x-export-token': token },
  });
  expect(response.status).toBe(200);
  return unzipped(Buffer.from(await response.arrayBuffer()));
}

describe('a secret', () => {
  it('is in no answer, whatever is asked', async () => {
    await query(`{
      integrations(first: 10) { nodes { id name properties secrets { name version } deliveries(first: 10) { nodes { id
        eventType status failure } } inboundEvents(first: 10) { nodes { id eventId status } } } }
      auditEvents(first: 100) { nodes { action resourcePath change } }
      integrationCatalog(direction: EGRESS) { type }
    }`);
    await ask('audit', { path: '/audit.csv', method: 'GET' });
    await ask('metrics', { path: '/metrics', method: 'GET' });
    const showing = (text: string) =>
      [...answers].filter(([, answer]) => holdsText(answer, text)).map(([name]) => name);
    for (const text of secrets) expect(showing(text)).toEqual([]);
    expect(showing(openCanary).length).toBeGreaterThan(1);
  });

  it('is in nothing that was sent to a third party', () => {
    const sent = JSON.stringify(receiver.received);
    for (const text of secrets) expect(holdsText(sent, text)).toBe(false);
    expect(holdsText(sent, receiver.received[0]!.headers['webhook-id'] as string)).toBe(true);
  });

  it('is in no file of an archive', async () => {
    const files = await archive();
    const holding = (text: string) =>
      [...files].filter(([, content]) => holdsText(content.toString('latin1'), text)).map(([name]) => name);
    for (const text of secrets) expect(holding(text)).toEqual([]);
    expect(holding(openCanary)).toContain('tables/integrations.ndjson');
  });

  it('is in no table of any database, in no line of the log and in no file', async () => {
    for (const text of secrets) expect(await placesOfText(deployment, text, organization.orgId)).toEqual([]);
    const places = await placesOfText(deployment, openCanary, organization.orgId);
    expect(places).toEqual(expect.arrayContaining(['operational app.integrations', 'operational audit.entries']));
  });
});
