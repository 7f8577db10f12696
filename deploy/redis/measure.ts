// Measures draws of tokens in Redis beside those in PostgreSQL: `deploy/redis/test` compiles, then
// `node dist/deploy/redis/measure.js` prints one JSON document. Needs redis-server.
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import { pino } from 'pino';
import type { Identity } from '../../auth/identity.js';
import { noTokens } from '../../auth/rate-limits/draw.js';
import { SharedBuckets } from '../../auth/rate-limits/shared-buckets.js';
import { TokenBuckets } from '../../auth/rate-limits/token-buckets.js';
import { TokenLeases } from '../../auth/rate-limits/token-leases.js';
import { newOrganization, startOperationalDatabase, write } from '../../tests/support/operational-database.js';
import { startTestCluster } from '../../tests/support/test-cluster.js';
import { startRedis } from './redis-server.js';

const one = { STANDARD: 1, DATA_READ: 0 };
const organizations = 20;
const durationMs = 3000;

/** Runs `ask` from so many at once for some seconds; answers how often a second. */
async function rate(atOnce: number, ask: (index: number) => Promise<unknown>): Promise<number> {
  const end = performance.now() + durationMs;
  let count = 0;
  const loop = async () => {
    while (performance.now() < end) {
      await ask(count);
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, loop));
  return Math.round(count / (durationMs / 1000));
}

/** An organization whose tokens are not used up: as many a second as gateways can charge. */
async function busyOrganization(): Promise<Identity> {
  const identity = await newOrganization(operational.database);
  await write(operational.database, identity, async ({ sql, orgId }) => {
    await sql`select platform.register_organization(${`t_${orgId.replaceAll('-', '').slice(16)}`}, ${Buffer.alloc(1)})`;
    await sql`select platform.set_rate_limit('STANDARD', 1000000, 1000000)`;
  });
  return identity;
}

/** A counter of draws before the buckets of a gateway. */
class CountedBuckets extends TokenBuckets {
  draws = 0;

  override draw(...given: Parameters<TokenBuckets['draw']>): ReturnType<TokenBuckets['draw']> {
    this.draws += 1;
    return super.draw(...given);
  }
}

async function measure(buckets: CountedBuckets, identities: readonly Identity[]) {
  const of = (index: number) => identities[index % identities.length] as Identity;
  const draws = async (atOnce: number) => rate(atOnce, (index) => buckets.draw(of(index), noTokens));
  const result = { drawsPerSecond: { one: await draws(1), sixtyFour: await draws(64) } };
  const leases = new TokenLeases(buckets);
  buckets.draws = 0;
  const requestsPerSecond = await rate(64, (index) => leases.take(of(index), one));
  return {
    ...result,
    leased: { requestsPerSecond, drawsPerRequest: buckets.draws / (requestsPerSecond * (durationMs / 1000)) },
  };
}

const cluster = await startTestCluster();
process.env['BULKHEAD_TEST_CLUSTER'] = JSON.stringify(cluster.description);
const operational = await startOperationalDatabase();
const redis = await startRedis();
const identities = await Promise.all(Array.from({ length: organizations }, () => busyOrganization()));
const shared = await SharedBuckets.open(redis.url, randomUUID(), pino({ level: 'silent' }));
const stores = {
  PostgreSQL: await measure(new CountedBuckets(operational.database), identities),
  Redis: await measure(new CountedBuckets(operational.database, shared), identities),
};
const versions = {
  node: process.version,
  redis: /v=(\S+)/.exec(execFileSync('redis-server', ['--version'], { encoding: 'utf8' }))?.[1],
};
writeSync(1, `${JSON.stringify({ at: new Date().toISOString(), versions, organizations, stores }, null, 2)}\n`);
shared.close();
await redis.kill();
await operational.stop();
await cluster.stop();
process.exit(0);
