import { and, eq } from 'drizzle-orm';
import { keyId } from '../../auth/scopes/segment-kind.js';
import { type ApiKeyRow, apiKeys } from '../../db/tables/api-keys.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { notFound } from '../../errors/bulkhead-error.js';
import { apiKeyColumns } from './api-key-columns.js';

/**
 * One API key that the transaction may see, whatever its state.
 * @throws BulkheadError NOT_FOUND
 */
export async function getApiKey(tx: OrgTransaction, id: string): Promise<ApiKeyRow> {
  if (keyId.read(id) === undefined) throw notFound('API key');
  const [key] = await tx.db
    .select(apiKeyColumns)
    .from(apiKeys)
    .where(and(eq(apiKeys.orgId, tx.orgId), eq(apiKeys.id, id)));
  if (key === undefined) throw notFound('API key');
  return key;
}
