import { LRUCache } from 'lru-cache';
import type { Database } from '../../db/database.js';
import { listen } from '../../db/listen.js';
import { LastStatements, type OrgTransaction, withOrg } from '../../db/with-org.js';
import type { Identity } from '../identity.js';
import type { RateLimitTier } from './rate-limit-state.js';

/** What the buckets of an organization hold and how fast they are refilled. */
export type BucketLimits = Readonly<Record<RateLimitTier, { readonly perMinute: number; readonly burst: number }>>;

/** Channel on which the database tells of changed limits, by organization. */
const channel = 'bulkhead_rate_limits';
/** Organizations remembered at most. */
const maxOrganizations = 10_000;

/** The limits of the organization of a transaction. */
export async function readLimits(tx: OrgTransaction): Promise<BucketLimits> {
  const rows = await tx.sql<{ tier: RateLimitTier; perMinute: number; burst: number }[]>`
    select tier, per_minute as "perMinute", burst from platform.rate_limits_of_org()`;
  return Object.fromEntries(rows.map(({ tier, perMinute, burst }) => [tier, { perMinute, burst }])) as never;
}

/** The limits of organizations, for one gateway: read when they are needed, and remembered until they are changed. */
export class RememberedLimits {
  readonly #database: Database;
  readonly #limits = new LRUCache<string, BucketLimits>({ max: maxOrganizations });
  readonly #stop: () => Promise<void>;
  #isListening = false;
  /** Counts what was forgotten: what was read before may no longer be so. */
  #forgotten = 0;

  constructor(database: Database) {
    this.#database = database;
    this.#stop = listen(database, channel, {
      onNotice: (orgId) => {
        this.#forgotten += 1;
        this.#limits.delete(orgId);
      },
      onListening: () => {
        this.#isListening = true;
      },
      onLost: () => {
        this.#isListening = false;
        this.#forgotten += 1;
        this.#limits.clear();
      },
    });
  }

  /** The limits of the organization of an identity. */
  async of(identity: Identity): Promise<BucketLimits> {
    const known = this.#limits.get(identity.orgId);
    if (known !== undefined) return known;
    const forgotten = this.#forgotten;
    const read = async (tx: OrgTransaction) => new LastStatements(readLimits(tx));
    const limits = await withOrg(this.#database, identity, 'read', read);
    if (this.#isListening && forgotten === this.#forgotten) this.#limits.set(identity.orgId, limits);
    return limits;
  }

  /** Stops listening. */
  close(): Promise<void> {
    return this.#stop();
  }
}
