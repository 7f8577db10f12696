import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Identity } from '../../auth/identity.js';
import { noTokens as none } from '../../auth/rate-limits/draw.js';
import type { TokenBuckets } from '../../auth/rate-limits/token-buckets.js';
import { TokenLeases } from '../../auth/rate-limits/token-leases.js';
import type { Database } from '../../db/database.js';
import { newOrganization, type OperationalDatabase, startOperationalDatabase, write } from './operational-database.js';

const one = { STANDARD: 1, DATA_READ: 0 };

/**
 * Answers whether less than a second has passed: so long leases hold for sure. What a machine that is slower leaves unused
 * is lost, and up to a twentieth of what it gives back late passes twice.
 */
function stopwatch(): () => boolean {
  const startedMs = performance.now();
  return () => performance.now() - startedMs < 1000;
}

/** What buckets promise, whichever store keeps them. @param open opens the buckets of a gateway; the test closes them */
export function describeTokens(store: string, open: (database: Database) => Promise<TokenBuckets>): void {
  let operational: OperationalDatabase;
  let buckets: TokenBuckets;

  beforeAll(async () => {
    operational = await startOperationalDatabase();
    buckets = await open(operational.database);
  });
  afterAll(async () => {
    await buckets.close();
    await operational.stop();
  });

  /** An organization with these limits of both tiers. */
  async function organization(perMinute: number, burst: number): Promise<Identity> {
    const identity = await newOrganization(operational.database);
    await write(operational.database, identity, async (tx) => {
      // Limits belong to organizations that are registered.
      await tx.sql`select platform.register_organization(${`t_${identity.orgId.replaceAll('-', '').slice(16)}`}, ${Buffer.alloc(1)})`;
    });
    await write(operational.database, identity, async (tx) => {
      for (const tier of ['STANDARD', 'DATA_READ']) {
        await tx.sql`select platform.set_rate_limit(${tier}, ${perMinute}, ${burst})`;
      }
    });
    return identity;
  }

  const gateway = () => new TokenLeases(buckets);
  /** Tokens that the store itself says are left. */
  const inBucket = async (identity: Identity) => (await buckets.draw(identity, none)).states[0]?.remaining;

  describe(`tokens taken in advance, of ${store}`, () => {
    it('count as remaining, and are spent before more is drawn', async () => {
      const identity = await organization(1, 1000);
      const leases = gateway();
      const isQuick = stopwatch();
      const remaining: (number | undefined)[] = [];
      const buckets = new Set<number | undefined>();
      for (let request = 0; request < 60; request += 1) {
        remaining.push((await leases.take(identity, one)).states[0]?.remaining);
        buckets.add(await inBucket(identity));
      }
      const spent = Array.from({ length: 60 }, (_, request) => 999 - request);
      const wasQuick = isQuick();
      expect(remaining.every((left, request) => (left ?? 1000) <= (spent[request] ?? 0))).toBe(true);
      if (!wasQuick) return;
      expect(remaining).toEqual(spent);
      // What the others see falls in steps, a few in all.
      expect(buckets.size).toBeLessThan(30);
      expect(Math.min(...([...buckets] as number[]))).toBeGreaterThanOrEqual(940 - 50);
    });

    it('are none for the first request, nor from a bucket that is not more than half full', async () => {
      const identity = await organization(1, 100);
      await gateway().take(identity, one);
      expect(await inBucket(identity)).toBe(99);
      await gateway().take(identity, { STANDARD: 50, DATA_READ: 0 });
      const leases = gateway();
      for (let left = 48; left > 40; left -= 1) {
        await leases.take(identity, one);
        expect(await inBucket(identity)).toBe(left);
      }
    });

    it('go back where a request needs more than is left of them', async () => {
      const identity = await organization(1, 1000);
      const leases = gateway();
      const isQuick = stopwatch();
      for (let request = 0; request < 20; request += 1) await leases.take(identity, one);
      const charge = await leases.take(identity, { STANDARD: 980, DATA_READ: 0 });
      if (!charge.granted && !isQuick()) return;
      expect(charge).toMatchObject({ granted: true });
      expect(await inBucket(identity)).toBe(0);
      expect(await leases.take(identity, one)).toMatchObject({ granted: false });
    });

    it('are refused to a caller who gives back what was never taken', async () => {
      const identity = await organization(1, 1000);
      const { store } = await buckets.draw(identity, { STANDARD: 500, DATA_READ: 0 });
      const forged = { more: none, held: { STANDARD: 50, DATA_READ: 50 }, back: { STANDARD: 50, DATA_READ: 50 } };
      for (const _ of [1, 2, 3]) await buckets.draw(identity, one, forged, store);
      expect(await inBucket(identity)).toBe(497);
    });

    it('share one draw among requests that come at once', async () => {
      const identity = await organization(60_000, 100_000);
      const leases = gateway();
      const charges = await Promise.all(Array.from({ length: 500 }, () => leases.take(identity, one)));
      expect(charges.every(({ granted }) => granted)).toBe(true);
    });

    it('let exactly the burst pass, whatever gateways ask for at once', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 7, max: 300 }),
          fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 1, max: 7 })), {
            minLength: 400,
            maxLength: 400,
          }),
          async (burst, requests) => {
            // A token a minute: none flows in while this runs.
            const identity = await organization(1, burst);
            const gateways = [gateway(), gateway(), gateway()];
            const isQuick = stopwatch();
            const passed = await Promise.all(
              requests.map(async ([index, cost]) => {
                const { granted } = await (gateways[index] as TokenLeases).take(identity, {
                  STANDARD: cost,
                  DATA_READ: 0,
                });
                return granted ? cost : 0;
              }),
            );
            const total = passed.reduce((sum, cost) => sum + cost, 0);
            for (const leases of gateways) while ((await leases.take(identity, one)).granted) passed.push(1);
            const wasQuick = isQuick();
            expect(total).toBeLessThanOrEqual(wasQuick ? burst : Math.ceil(burst * 1.05));
            if (wasQuick) expect(passed.reduce((sum, cost) => sum + cost, 0)).toBe(burst);
          },
        ),
        { numRuns: 8, endOnFailure: true },
      );
    });
  });
}
