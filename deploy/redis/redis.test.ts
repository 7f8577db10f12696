import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient } from '@redis/client';
import fc from 'fast-check';
import { pino } from 'pino';
import { RememberedLimits } from '../../auth/rate-limits/bucket-limits.js';
import { noTokens } from '../../auth/rate-limits/draw.js';
import { SharedBuckets } from '../../auth/rate-limits/shared-buckets.js';
import { takeTokens } from '../../auth/rate-limits/take-tokens.js';
import { TokenBuckets } from '../../auth/rate-limits/token-buckets.js';
import { describeTokens } from '../../tests/support/describe-tokens.js';
import { graphqlClient } from '../../tests/support/graphql-client.js';
import { newOrganization, startOperationalDatabase } from '../../tests/support/operational-database.js';
import { operatorClient, setLimits } from '../../tests/support/operator-client.js';
import { startTestDeployment, type TestDeployment } from '../../tests/support/test-deployment.js';
import { type RedisServer, startRedis } from './redis-server.js';

const log = pino({ level: 'silent' });
const me = '{ me { keyId } }';

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis(process.env['REDIS_TEST_CERTIFICATES']);
});
afterAll(() => redis.kill());

describeTokens('Redis', async (database) => {
  const shared = await SharedBuckets.open(redis.url, randomUUID(), log);
  return new TokenBuckets(database, shared);
});

describe('a draw', () => {
  it('decides what PostgreSQL decides, of the same draws', async () => {
    const operational = await startOperationalDatabase();
    const limits = new RememberedLimits(operational.database);
    const shared = await SharedBuckets.open(redis.url, randomUUID(), log);
    const tokens = fc.integer({ min: 0, max: 40 });
    const pair = fc.record({ STANDARD: tokens, DATA_READ: tokens });
    const draws = fc.array(fc.record({ cost: pair, more: pair, usedOf: fc.double({ min: 0, max: 1, noNaN: true }) }), {
      minLength: 5,
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(draws, async (sequence) => {
        // The default limits refill 1 and 10 tokens a second: what is left may differ by what flows in between.
        const identity = await newOrganization(operational.database);
        let held = noTokens;
        for (const { cost, more, usedOf } of sequence) {
          const back = { STANDARD: Math.floor(held.STANDARD * usedOf), DATA_READ: Math.floor(held.DATA_READ * usedOf) };
          const advance = { more, held, back };
          const [one, other] = [
            await takeTokens(operational.database, identity, cost, advance),
            await shared.draw(identity.orgId, await limits.of(identity), cost, advance),
          ];
          const difference = one.states.map(({ remaining }, tier) => remaining - (other?.states[tier]?.remaining ?? 0));
          expect(Math.max(...difference.map(Math.abs))).toBeLessThanOrEqual(1);
          // Near the edge the milliseconds between the two decide; it is left there.
          if (one.granted !== other?.granted || Object.values(difference).some((tokens) => tokens !== 0)) return;
          expect(other.taken).toEqual(one.taken);
          held = one.taken;
        }
      }),
      { numRuns: 30, endOnFailure: true },
    );
    shared.close();
    await limits.close();
    await operational.stop();
  });
});

describe('two gateways and a Redis', () => {
  let deployment: TestDeployment;
  let secondUrl: string;
  let operator: Awaited<ReturnType<typeof operatorClient>>;

  beforeAll(async () => {
    deployment = await startTestDeployment({ limits: 'default', redisUrl: redis.url });
    secondUrl = (await deployment.startGateway()).url;
    operator = await operatorClient(deployment);
  });
  afterAll(() => deployment.stop());

  /** An organization whose buckets do not refill within a test, and clients of both gateways. */
  async function thrifty(burst: number) {
    const organization = await deployment.createOrganization('Thrifty');
    await setLimits(operator, organization.orgId, 'STANDARD', 1, burst);
    const key = await organization.createKey({ scopes: ['read THING/#/#'] });
    return { ...organization, key, clients: [key.client, graphqlClient(secondUrl, key.text)] as const };
  }

  const passed = async (clients: readonly { send(text: string): Promise<{ status: number }> }[], requests: number) => {
    const answers = await Promise.all(
      Array.from({ length: requests }, (_, index) => clients[index % clients.length]?.send(me)),
    );
    return answers.filter((answer) => answer?.status === 200).length;
  };

  it('let exactly the burst pass together', async () => {
    const { clients } = await thrifty(70);
    expect(await passed(clients, 300)).toBe(70);
  });

  it('keep a changed limit within a second, on both', async () => {
    const { orgId, clients } = await thrifty(5);
    expect(await passed(clients, 10)).toBe(5);
    await setLimits(operator, orgId, 'STANDARD', 60_000, 1000);
    const deadline = Date.now() + 1500;
    for (const client of clients)
      while ((await client.send(me)).status !== 200) expect(Date.now()).toBeLessThan(deadline);
  });

  it('refuse a revoked key at once, on both: that is decided by PostgreSQL', async () => {
    const { client, key, clients } = await thrifty(1000);
    for (const each of clients) expect((await each.send(me)).status).toBe(200);
    await client.ok(`mutation { revokeApiKey(input: { id: "${key.id}" }) { apiKey { id } } }`);
    for (const each of clients) expect((await each.send(me)).status).toBe(401);
  });

  it('leave no names and no secrets there', async () => {
    const { orgId, clients, key } = await thrifty(100);
    await passed(clients, 10);
    const client = createClient({ url: redis.url });
    await client.connect();
    const keys = await client.keys('*');
    const contents = await Promise.all(keys.map((name) => client.hGetAll(name)));
    client.destroy();
    expect(keys.length).toBeGreaterThan(0);
    for (const name of keys) expect(name).toMatch(/^bulkhead:bucket:[A-Za-z0-9_-]{22}$/);
    const text = JSON.stringify([keys, contents]);
    for (const secret of [orgId, key.text, key.id]) expect(text).not.toContain(secret);
    for (const content of contents) for (const value of Object.values(content)) expect(value).toMatch(/^\d+$/);
  });

  it('go on by PostgreSQL while it is away or silent, at most a burst more for each change, and return to it', async () => {
    for (const away of [
      { leave: () => redis.kill(), come: () => redis.restart() },
      { leave: async () => redis.signal('SIGSTOP'), come: async () => redis.signal('SIGCONT') },
    ]) {
      const { clients } = await thrifty(20);
      expect(await passed(clients, 50)).toBe(20);
      await away.leave();
      let more = 0;
      // A gateway remembers for a tenth of a second that a bucket is empty.
      while (more < 20) more += await passed(clients, 10);
      expect(more + (await passed(clients, 50))).toBe(20);
      await away.come();
      const count = () => deployment.logLines.filter((line) => line.includes('Redis answers again')).length;
      const before = count();
      const deadline = Date.now() + 10_000;
      while (count() === before) {
        await Promise.all(clients.map((client) => client.send(me)));
        expect(Date.now()).toBeLessThan(deadline);
      }
    }
  }, 60_000);
});

it('speaks TLS, and checks the certificate', async () => {
  const shared = await SharedBuckets.open(redis.tlsUrl, randomUUID(), log);
  expect(shared.isReady).toBe(true);
  shared.close();
  // The certificate is of 127.0.0.1 and of no name.
  const named = await SharedBuckets.open(redis.tlsUrl.replace('127.0.0.1', 'localhost'), randomUUID(), log);
  expect(named.isReady).toBe(false);
  named.close();
});
