import { authenticateKey, type PresentedKeyRow } from '../../db/authenticate-key.js';
import type { Database } from '../../db/database.js';
import { type GrantPatterns, grantPatterns } from '../scopes/grant-patterns.js';
import type { Scope } from '../scopes/scope.js';
import type { ParsedKey } from './key-format.js';
import { grantedScopes } from './stored-scopes.js';

/** A key that exists and whose secret was presented. Whether it may be used is still to be decided by its state. */
export interface AuthenticatedKey {
  /** What the row says, with its scopes as they are stored. */
  readonly key: Pick<PresentedKeyRow, 'id' | 'type' | 'name' | 'scopes'>;
  readonly orgId: string;
  /** What the key grants; a stored scope that no longer reads grants nothing. */
  readonly scopes: readonly Scope[];
  /** The same as patterns of rows. */
  readonly grants: GrantPatterns;
  /** Neither revoked nor expired, by the clock of the database. */
  readonly active: boolean;
  /** Counts the changes of the key: PostgreSQL refuses a context with another. */
  readonly revision: string;
  /** When the key, or the presented secret, ends, by `performance.now()`; infinite for never. */
  readonly endsAtMs: number;
  /** Addresses and networks that may use it (see `allows`); empty for all. */
  readonly allowedCidrs: readonly string[];
}

/**
 * Confirms what the text of a key claims: id and secret by the stored hash, type by the stored row. Remembers nothing.
 * @param presented what `parseKey` has read; an operator's key is no key of an organization
 * @returns undefined for all that is not a key of an organization: the caller cannot tell which part was wrong
 * @throws BulkheadError UNAVAILABLE while the database is not reachable
 */
export async function authenticate(database: Database, presented: ParsedKey): Promise<AuthenticatedKey | undefined> {
  if (presented.type === 'OPERATOR') return undefined;
  const askedAtMs = performance.now();
  const row = await authenticateKey(database, presented.id, presented.secretHash);
  if (row === undefined || row.type !== presented.type) return undefined;
  const { orgId, active, allowedCidrs, revision, endsAfterMs, ...key } = row;
  const scopes = grantedScopes(key.scopes);
  const endsAtMs = askedAtMs + (endsAfterMs ?? Number.POSITIVE_INFINITY);
  return { key, orgId, scopes, grants: grantPatterns(scopes), active, allowedCidrs, revision, endsAtMs };
}
