import { requireAction } from '../../auth/authorize.js';
import { secretPath } from '../../auth/scopes/resource-path.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { notFound } from '../../errors/bulkhead-error.js';

/**
 * Refuses a change of secrets without the right to it, or of an integration that does not exist. In this order: without
 * the right, both answers are FORBIDDEN, so that nobody learns which ids exist.
 * @throws BulkheadError FORBIDDEN, NOT_FOUND
 */
export async function requireSecretsWritable(tx: OrgTransaction, integrationId: string): Promise<void> {
  requireAction(tx.identity, 'write', secretPath(integrationId), 'secret');
  await requireIntegration(tx, integrationId);
}

/**
 * Refuses an integration that does not exist, whether the key could see it or not.
 * @throws BulkheadError NOT_FOUND
 */
export async function requireIntegration(tx: OrgTransaction, integrationId: string): Promise<void> {
  const rows = await tx.sql`select id from app.existing_integrations(array[${integrationId}::uuid])`;
  if (rows.length === 0) throw notFound('integration');
}

/**
 * Waits until no deletion of the integration is under way, or lets no secret be confirmed while one is: held until the
 * transaction ends.
 */
export async function lockSecretsOf(
  tx: OrgTransaction,
  integrationId: string,
  mode: 'confirm' | 'delete',
): Promise<void> {
  const key = `bulkhead:integration:${integrationId}`;
  if (mode === 'confirm') await tx.sql`select pg_advisory_xact_lock_shared(hashtextextended(${key}, 0))`;
  else await tx.sql`select pg_advisory_xact_lock(hashtextextended(${key}, 0))`;
}
