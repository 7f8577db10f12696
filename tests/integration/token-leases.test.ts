import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { SharedBuckets } from '../../auth/rate-limits/shared-buckets.js';
import { TokenBuckets } from '../../auth/rate-limits/token-buckets.js';
import { describeTokens } from '../support/describe-tokens.js';
import { newOrganization, startOperationalDatabase } from '../support/operational-database.js';

describeTokens('PostgreSQL', async (database) => new TokenBuckets(database));

describe('a Redis that does not answer', () => {
  it('leaves the buckets to PostgreSQL, says so once, and holds nobody up', async () => {
    const operational = await startOperationalDatabase();
    const lines: string[] = [];
    const log = pino({ level: 'warn' }, { write: (line) => void lines.push(line) });
    // Accepts connections and says nothing.
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const shared = await SharedBuckets.open(`redis://user:hunter2@127.0.0.1:${port}`, 'deployment', log);
    const buckets = new TokenBuckets(operational.database, shared);
    const identity = await newOrganization(operational.database);
    const draws = await Promise.all([1, 2, 3].map(() => buckets.draw(identity, { STANDARD: 1, DATA_READ: 0 })));
    expect(draws.map(({ store, granted }) => [store, granted])).toEqual(Array(3).fill(['POSTGRESQL', true]));
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['Redis does not answer: PostgreSQL keeps rate limits']);
    expect(lines.join()).not.toMatch(/hunter2/);
    await buckets.close();
    await operational.stop();
    silent.close();
  });
});
