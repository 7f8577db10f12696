import { and, eq, sql } from 'drizzle-orm';
import { type ApiKeyRow, apiKeys } from '../../db/tables/api-keys.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { requireChanged } from '../require-changed.js';
import { apiKeyColumns } from './api-key-columns.js';
import { claimApiKey } from './claim-api-key.js';

/**
 * Revokes a key for good, an expired one too, and answers it before and after. Every transaction looks at the state of
 * its key, so no request that starts after the commit is served. A revoked key is left as it is.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN, also for a key that may do more than the caller
 */
export async function revokeApiKey(tx: OrgTransaction, id: string): Promise<{ before: ApiKeyRow; after: ApiKeyRow }> {
  const before = await claimApiKey(tx, id);
  if (before.status === 'REVOKED') return { before, after: before };
  const actorId = tx.identity.actor.id;
  const rows = await tx.db
    .update(apiKeys)
    .set({ revokedAt: sql`now()`, revokedBy: actorId, updatedAt: sql`now()`, updatedBy: actorId })
    .where(and(eq(apiKeys.orgId, tx.orgId), eq(apiKeys.id, before.id)))
    .returning(apiKeyColumns);
  return { before, after: requireChanged(rows, 'admin', 'API key') };
}
