import { isWithin } from '../../auth/api-keys/address-allow-list.js';
import { isSubset } from '../../auth/scopes/is-subset.js';
import type { Scope } from '../../auth/scopes/scope.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { BulkheadError, invalidInput } from '../../errors/bulkhead-error.js';

/** What a key may do, from where and until when. */
export interface KeyBounds {
  readonly scopes: readonly Scope[];
  /** Empty for all addresses. */
  readonly allowedCidrs: readonly string[];
  /** Null for never. */
  readonly expiresAt: Date | null;
}

/** The bounds of who calls, and the moment by the clock of the database. */
export interface CallingBounds extends KeyBounds {
  readonly now: Date;
}

/** Moments in milliseconds since 1970. */
interface CallingRow {
  readonly now: number;
  readonly found: boolean;
  readonly cidrs: readonly string[] | null;
  readonly expires: number | null;
}

/**
 * The bounds of the key of the transaction, as its row has them now. Operators and the system have none beside their
 * scopes.
 * @throws BulkheadError UNAUTHENTICATED when the key of the transaction has no row
 */
export async function readCallingBounds(tx: OrgTransaction): Promise<CallingBounds> {
  const [row] = await tx.sql<CallingRow[]>`
    select round(extract(epoch from clock_timestamp()) * 1000)::float8 as now, k.allowed_cidrs is not null as found,
           to_jsonb(k.allowed_cidrs) as cidrs, round(extract(epoch from k.expires_at) * 1000)::float8 as expires
    from (select) one left join app.calling_key() k on true`;
  if (row === undefined || (tx.identity.actor.type === 'API_KEY' && !row.found)) {
    throw new BulkheadError('UNAUTHENTICATED', 'The calling key is not known');
  }
  return {
    scopes: tx.identity.scopes,
    allowedCidrs: row.cidrs ?? [],
    expiresAt: row.expires === null ? null : new Date(row.expires),
    now: new Date(row.now),
  };
}

/**
 * Refuses to make a key, or to leave one, that could do more than who calls: on other resources, from other addresses
 * or for longer.
 * @throws BulkheadError FORBIDDEN that names the field
 */
export function refuseBeyondCaller(caller: KeyBounds, key: KeyBounds): void {
  if (!isSubset(key.scopes, caller.scopes)) throw beyond('input.scopes', 'scopes');
  if (!isWithin(key.allowedCidrs, caller.allowedCidrs)) throw beyond('input.allowedCidrs', 'addresses');
  const expiry = key.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
  if (expiry > (caller.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY)) throw beyond('input.expiresAt', 'expiry');
}

/**
 * Refuses an expiry that is not ahead, by the clock of the database.
 * @throws BulkheadError BAD_USER_INPUT
 */
export function requireFuture(expiresAt: Date | null, now: Date): Date | null {
  if (expiresAt === null) return null;
  if (!(expiresAt > now)) throw invalidInput('input.expiresAt', 'must be in the future');
  // PostgreSQL does not read the extended years of ISO 8601.
  if (expiresAt.getUTCFullYear() > 9999) throw invalidInput('input.expiresAt', 'must be before the year 10000');
  return expiresAt;
}

function beyond(field: string, bound: string): BulkheadError {
  return new BulkheadError('FORBIDDEN', `The ${bound} of the key must lie within those of the calling key`, { field });
}
