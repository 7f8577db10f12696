import { and, eq } from 'drizzle-orm';
import { possibleScopes } from '../../auth/api-keys/stored-scopes.js';
import { requireAction } from '../../auth/authorize.js';
import { isSubset } from '../../auth/scopes/is-subset.js';
import { apiKeyPath } from '../../auth/scopes/resource-path.js';
import { type ApiKeyRow, apiKeys } from '../../db/tables/api-keys.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { BulkheadError } from '../../errors/bulkhead-error.js';
import { requireChanged } from '../require-changed.js';
import { apiKeyColumns } from './api-key-columns.js';
import { getApiKey } from './get-api-key.js';

/**
 * A key that the caller may change, locked until the transaction ends: what is decided about it here stays true.
 * A key that may do more than the caller is not the caller's to change, and not to revoke either, so that a weaker
 * administrator cannot lock out a stronger one.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN
 */
export async function claimApiKey(tx: OrgTransaction, id: string): Promise<ApiKeyRow> {
  await getApiKey(tx, id);
  requireAction(tx.identity, 'admin', apiKeyPath(id), 'API key');
  const rows = await tx.db
    .select(apiKeyColumns)
    .from(apiKeys)
    .where(and(eq(apiKeys.orgId, tx.orgId), eq(apiKeys.id, id)))
    .for('update');
  const key = requireChanged(rows, 'admin', 'API key');
  if (!isSubset(possibleScopes(key.scopes), tx.identity.scopes)) {
    throw new BulkheadError('FORBIDDEN', 'The API key may do more than the calling key');
  }
  return key;
}

/**
 * Refuses a key that is past its expiry or revoked: it stays as it is, on record.
 * @throws BulkheadError CONFLICT
 */
export function requireActive(key: ApiKeyRow): ApiKeyRow {
  if (key.status === 'ACTIVE') return key;
  throw new BulkheadError('CONFLICT', `The API key is ${key.status === 'REVOKED' ? 'revoked' : 'expired'}`);
}
