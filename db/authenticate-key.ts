import { BulkheadError } from '../errors/bulkhead-error.js';
import type { Database } from './database.js';
import { translateDatabaseError } from './database-errors.js';
import { poolOf } from './pool.js';
import type { StoredScope } from './tables/api-keys.js';

/** Milliseconds for a lookup, with the time that it waits for a connection. */
const maxLookupMs = 5000;

/** What `platform.authenticate` knows of a key whose secret was presented. */
export interface PresentedKeyRow {
  readonly orgId: string;
  readonly id: string;
  readonly type: 'EXTERNAL' | 'ADMIN';
  readonly name: string;
  readonly scopes: readonly StoredScope[];
  readonly allowedCidrs: readonly string[];
  /** Neither revoked nor expired, by the clock of the database. */
  readonly active: boolean;
  /** Counts the changes of the key. */
  readonly revision: string;
  /** Milliseconds after which key or secret ends, by the clock of the database; null for never. */
  readonly endsAfterMs: number | null;
}

/**
 * Looks up an API key before its organization is known, which is why it does not go through `withOrg`.
 * @param secretHash SHA-256 of the presented secret, 32 bytes
 * @throws BulkheadError UNAVAILABLE after 5 s without an answer, which is before anything else bounds the request
 * @returns undefined for an unknown id, a wrong secret, and a secret whose grace period after a rotation is over
 */
export async function authenticateKey(
  database: Database,
  id: string,
  secretHash: Buffer,
): Promise<PresentedKeyRow | undefined> {
  let late: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    const error = new BulkheadError('UNAVAILABLE', 'The database is not reachable', { retryAfterMs: 1000 });
    late = setTimeout(() => reject(error), maxLookupMs);
  });
  try {
    const lookup = poolOf(database)<PresentedKeyRow[]>`
      select org_id as "orgId", id, type, name, scopes, to_jsonb(allowed_cidrs) as "allowedCidrs", active,
             revision, ends_after_ms as "endsAfterMs"
      from platform.authenticate(${id}, ${secretHash})`;
    const [row] = await Promise.race([lookup, tooLate]);
    return row;
  } catch (error) {
    throw translateDatabaseError(error);
  } finally {
    clearTimeout(late);
  }
}
