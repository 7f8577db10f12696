import type { Database } from '../../db/database.js';
import { LastStatements, withOrg } from '../../db/with-org.js';
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

/** A charge of the buckets themselves. */
export interface Draw extends Charge {
  /** Tokens that were taken in advance, beside the cost: no more than asked for, and often none. */
  readonly taken: TokenCost;
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

interface TokenRow {
  readonly tier: RateLimitTier;
  readonly per_minute: number;
  readonly burst: number;
  readonly remaining: number;
  readonly retry_after_ms: string;
  readonly full_after_ms: string;
  readonly granted: boolean;
  readonly taken: number;
}

const none: TokenCost = { STANDARD: 0, DATA_READ: 0 };

/**
 * Charges both token buckets of the organization, all or nothing (`platform.take_tokens`, GCRA). The row lock of the
 * bucket puts all gateways in one order, so what passes is exactly the burst and the refill.
 * @param advance what to take in advance, and what became of what was taken before
 * @throws BulkheadError OPERATION_TOO_COMPLEX for a cost that no bucket can ever hold
 */
export async function takeTokens(
  database: Database,
  identity: Identity,
  cost: TokenCost,
  { more, held, back }: Advance = { more: none, held: none, back: none },
): Promise<Draw> {
  const rows = await withOrg(
    database,
    identity,
    'read',
    async (tx) =>
      new LastStatements(
        tx.sql<TokenRow[]>`
          select * from platform.take_tokens(${cost.STANDARD}, ${cost.DATA_READ}, ${pair(more)}::integer[],
                                             ${pair(held)}::integer[], ${pair(back)}::integer[])`.execute(),
      ),
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
      remaining: row.remaining,
      fullAfterMs: Number(row.full_after_ms),
    })),
    taken: Object.fromEntries(rows.map((row) => [row.tier, row.taken])) as unknown as TokenCost,
  };
}

function pair(tokens: TokenCost): string {
  return `{${tokens.STANDARD},${tokens.DATA_READ}}`;
}
