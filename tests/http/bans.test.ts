import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { banRules } from '../../server/address-bans.js';
import { until } from '../support/bulkhead-process.js';
import { operatorClient } from '../support/operator-client.js';
import { rawRequest } from '../support/raw-request.js';
import { startTestDeployment, type TestDeployment, type TestOrganization } from '../support/test-deployment.js';

/*
 * Addresses that fail to authenticate again and again. Each test has an address of its own, which a trusted proxy tells.
 */
let deployment: TestDeployment;
let organization: TestOrganization;
let url: string;
const wrong = `ext_test_${'a'.repeat(12)}_${'b'.repeat(38)}`;
const body = JSON.stringify({ query: '{ me { keyId } }' });

beforeAll(async () => {
  deployment = await startTestDeployment();
  url = deployment.gateway.url;
  organization = await deployment.createOrganization('Acme');
});
afterAll(() => deployment.stop());

const ask = (address: string, key: string | undefined, path = '/graphql') =>
  rawRequest(url, { path, key, body, headers: { 'x-forwarded-for': address } });

/** Fails so often that the next request is refused. */
async function ban(address: string): Promise<void> {
  for (let each = 0; each < banRules.failures; each += 1) expect((await ask(address, wrong)).status).toBe(401);
}

it('are answered 429 before anything is looked up, where no key is remembered', async () => {
  const { text: fresh } = await organization.createKey({ scopes: ['read THING/#/#'] });
  await ban('203.0.113.1');
  for (const key of [wrong, fresh, undefined]) {
    for (const path of ['/graphql', '/graphql/stream', '/operator/graphql', '/metrics', '/no-such-page']) {
      const { status, headers, text } = await ask('203.0.113.1', key, path);
      expect([path, status]).toEqual([path, 429]);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      expect(JSON.parse(text).errors[0].extensions.code).toBe('RATE_LIMITED');
    }
  }
  // Elsewhere nothing has changed; health is told to everybody, and the machine itself is never banned.
  expect((await ask('203.0.113.2', fresh)).status).toBe(200);
  const health = { path: '/health/live', method: 'GET', headers: { 'x-forwarded-for': '203.0.113.1' } };
  expect((await rawRequest(url, health)).status).toBe(200);
  for (let each = 0; each <= banRules.failures; each += 1)
    expect((await rawRequest(url, { body, key: wrong })).status).toBe(401);
});

it('keep those keys that the gateway remembers, as behind the address of an office', async () => {
  const key = organization.client.key ?? '';
  await ban('203.0.113.3');
  await until('the key to be remembered', async () => {
    await ask('203.0.113.2', key);
    return (await ask('203.0.113.3', key)).status === 200 ? true : undefined;
  });
  expect((await ask('203.0.113.3', `${key.slice(0, -1)}${key.endsWith('a') ? 'b' : 'a'}`)).status).toBe(429);
});

it('of IPv6 are banned by their network', async () => {
  await ban('2001:db8:1:2::1');
  expect((await ask('2001:db8:1:2:ffff::9', wrong)).status).toBe(429);
  expect((await ask('2001:db8:1:3::1', wrong)).status).toBe(401);
});

it('are found at WebSockets too, and refused there with the handshake', async () => {
  const options = { headers: { 'x-forwarded-for': '203.0.113.4' } };
  const socket = () => new WebSocket(`${url.replace('http', 'ws')}/graphql`, ['graphql-transport-ws'], options);
  for (let each = 0; each < banRules.failures; each += 1) {
    const one = socket();
    one.once('open', () => one.send(JSON.stringify({ type: 'connection_init', payload: { 'X-Api-Key': wrong } })));
    const [code] = await once(one, 'close');
    expect(code).toBe(4401);
  }
  const refused = socket();
  refused.on('error', () => {});
  const [, response] = await once(refused, 'unexpected-response');
  refused.terminate();
  expect(response.statusCode).toBe(429);
});

it('are found at hooks by how many of them they try, not by one that is gone', async () => {
  const [gone, address] = [randomUUID(), '203.0.113.5'];
  for (let each = 0; each < 2 * banRules.failures; each += 1) {
    expect((await ask(address, undefined, `/hooks/${gone}`)).status).toBe(404);
  }
  for (let each = 1; each < banRules.failures; each += 1) {
    expect((await ask(address, undefined, `/hooks/${randomUUID()}`)).status).toBe(404);
  }
  expect((await ask(address, undefined, `/hooks/${randomUUID()}`)).status).toBe(429);
});

it('are counted, and named in the log', async () => {
  const { key } = await operatorClient(deployment);
  const { text } = await rawRequest(url, { path: '/metrics', method: 'GET', key });
  expect(Number(/^bulkhead_banned_addresses(?:{.*})? (\d+)/m.exec(text)?.[1])).toBe(5);
  expect(Number(/^bulkhead_banned_requests_total(?:{.*})? (\d+)/m.exec(text)?.[1])).toBeGreaterThan(15);
  const lines = deployment.logLines.filter((line) => line.includes('an address is banned'));
  expect(lines.map((line) => JSON.parse(line).source).sort()).toEqual([
    '2001:db8:1:2::/64',
    ...[1, 3, 4, 5].map((last) => `203.0.113.${last}`),
  ]);
});
