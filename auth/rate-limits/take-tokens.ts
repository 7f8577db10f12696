import type { Database } from '../../db/database.js';
import { LastStatements, withOrg } from '../../db/with-org.js';
import type { Identity } from '../identity.js';
import { type Draw, drawOf, noAdvance, type TokenCost } from './draw.js';
import type { RateLimitTier } from './rate-limit-state.js';

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

/**
 * Charges both token buckets of the organization in PostgreSQL, all or nothing (`platform.take_tokens`, GCRA). The row
 * lock of the bucket puts all gateways in one order, so what passes is exactly the burst and the refill.
 * @param advance what to take in advance, and what became of what was taken before
 * @throws BulkheadError OPERATION_TOO_COMPLEX for a cost that no bucket can ever hold
 */
export async function takeTokens(
  database: Database,
  identity: Identity,
  cost: TokenCost,
  { more, held, back } = noAdvance,
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
  const buckets = rows.map((row) => ({
    tier: row.tier,
    perMinute: row.per_minute,
    burst: row.burst,
    remaining: row.remaining,
    fullAfterMs: Number(row.full_after_ms),
    granted: row.granted,
    retryAfterMs: Number(row.retry_after_ms),
    taken: row.taken,
  }));
  return drawOf('POSTGRESQL', cost, buckets);
}

function pair(tokens: TokenCost): string {
  return `{${tokens.STANDARD},${tokens.DATA_READ}}`;
}
