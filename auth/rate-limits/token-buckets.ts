import type { Database } from '../../db/database.js';
import type { Identity } from '../identity.js';
import { RememberedLimits } from './bucket-limits.js';
import { type Advance, type BucketStore, type Draw, noAdvance, type TokenCost } from './draw.js';
import type { SharedBuckets } from './shared-buckets.js';
import { takeTokens } from './take-tokens.js';

/**
 * The token buckets of a gateway: in Redis where it is given one and while that answers, else in PostgreSQL. The two
 * know nothing of each other: each change from one to the other can let another burst pass, and no more.
 */
export class TokenBuckets {
  readonly #database: Database;
  readonly #shared: { readonly buckets: SharedBuckets; readonly limits: RememberedLimits } | undefined;

  /** @param shared closed with this */
  constructor(database: Database, shared?: SharedBuckets) {
    this.#database = database;
    this.#shared = shared === undefined ? undefined : { buckets: shared, limits: new RememberedLimits(database) };
  }

  /**
   * Charges both buckets of the organization, all or nothing.
   * @param advance what to take in advance, and what became of what was taken before
   * @param from where that was taken: no other store is given it back
   * @throws BulkheadError OPERATION_TOO_COMPLEX for a cost that no bucket can ever hold
   */
  async draw(identity: Identity, cost: TokenCost, advance = noAdvance, from?: BucketStore): Promise<Draw> {
    const advanceOf = (store: BucketStore): Advance =>
      store === from ? advance : { ...noAdvance, more: advance.more };
    if (this.#shared?.buckets.isReady) {
      const { buckets, limits } = this.#shared;
      const draw = await buckets.draw(identity.orgId, await limits.of(identity), cost, advanceOf('REDIS'));
      if (draw !== undefined) return draw;
    }
    return takeTokens(this.#database, identity, cost, advanceOf('POSTGRESQL'));
  }

  /** Closes what it was given to share. */
  async close(): Promise<void> {
    this.#shared?.buckets.close();
    await this.#shared?.limits.close();
  }
}
