import { BulkheadError } from '../../errors/bulkhead-error.js';
import type { RateLimitState, RateLimitTier } from './rate-limit-state.js';

/** Tokens by tier. */
export type TokenCost = Readonly<Record<RateLimitTier, number>>;

/** A charge: whether it was granted, and both buckets after it. */
export interface Charge {
  readonly granted: boolean;
  /** Milliseconds after which the same charge can be granted; 0 if it was. */
  readonly retryAfterMs: number;
  readonly states: readonly RateLimitState[];
}

/** Where buckets are kept. */
export type BucketStore = 'POSTGRESQL' | 'REDIS';

/** A charge of the buckets themselves. */
export interface Draw extends Charge {
  /** Tokens that were taken in advance, beside the cost: no more than asked for, and often none. */
  readonly taken: TokenCost;
  /** Whose buckets were charged. */
  readonly store: BucketStore;
}

/** Tokens in advance. */
export interface Advance {
  /** To be taken beside the cost, where the bucket is full enough. */
  readonly more: TokenCost;
  /** Those that this gateway has taken with its last draw. */
  readonly held: TokenCost;
  /** Those of them that it has not used. */
  readonly back: TokenCost;
}

/** No tokens. */
export const noTokens: TokenCost = { STANDARD: 0, DATA_READ: 0 };

/** Nothing in advance. */
export const noAdvance: Advance = { more: noTokens, held: noTokens, back: noTokens };

/** What a store answers of one bucket. */
export interface DrawnBucket extends RateLimitState {
  readonly granted: boolean;
  /** Milliseconds after which this bucket holds the cost. */
  readonly retryAfterMs: number;
  readonly taken: number;
}

/**
 * A draw from what the store answers of both buckets.
 * @throws BulkheadError OPERATION_TOO_COMPLEX for a cost that no bucket can ever hold
 */
export function drawOf(store: BucketStore, cost: TokenCost, buckets: readonly DrawnBucket[]): Draw {
  for (const { tier, burst } of buckets) {
    if (cost[tier] > burst) {
      throw new BulkheadError(
        'OPERATION_TOO_COMPLEX',
        `The operation costs ${cost[tier]} ${tier} tokens; the bucket of the organization holds ${burst}`,
      );
    }
  }
  return {
    granted: buckets.every(({ granted }) => granted),
    retryAfterMs: Math.max(0, ...buckets.map(({ retryAfterMs }) => retryAfterMs)),
    states: buckets.map(({ tier, perMinute, burst, remaining, fullAfterMs }) => ({
      tier,
      perMinute,
      burst,
      remaining,
      fullAfterMs,
    })),
    taken: Object.fromEntries(buckets.map(({ tier, taken }) => [tier, taken])) as unknown as TokenCost,
    store,
  };
}
