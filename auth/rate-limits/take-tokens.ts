import type { Database } from '../../db/database.js';
import { withOrg } from '../../db/with-org.js';
import { BulkheadError } from '../../errors/bulkhead-error.js';
import type { Identity } from '../identity.js';
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

interface TokenRow {
  readonly tier: RateLimitTier;
  readonly per_minute: number;
  readonly burst: number;
  readonly remaining: string;
  readonly retry_after_ms: string;
  readonly full_after_ms: string;
  readonly granted: boolean;
}

/**
 * Charges both token buckets of the organization, all or nothing (`platform.take_tokens`, GCRA). The row lock of the
 * bucket puts all gateways in one order, so what passes is exactly the burst and the refill.
 * @throws BulkheadError OPERATION_TOO_COMPLEX for a cost that no bucket can ever hold
 */
export async function takeTokens(database: Database, identity: Identity, cost: TokenCost): Promise<Charge> {
  const rows = await withOrg(
    database,
    identity,
    'read',
    (tx) => tx.sql<TokenRow[]>`select * from platform.take_tokens(${cost.STANDARD}, ${cost.DATA_READ})`,
  );
  for (const row of rows) {
    if (cost[row.tier] > row.burst) {
      throw new BulkheadError(
        'OPERATION_TOO_COMPLEX',
        `The operation costs ${cost[row.tier]} ${row.tier} tokens; the bucket of the organization holds ${row.burst}`,
      );
    }
  }
  return {
    granted: rows.every((row) => row.granted),
    retryAfterMs: Math.max(0, ...rows.map((row) => Number(row.retry_after_ms))),
    states: rows.map((row) => ({
      tier: row.tier,
      perMinute: row.per_minute,
      burst: row.burst,
      remaining: Number(row.remaining),
      fullAfterMs: Number(row.full_after_ms),
    })),
  };
}
