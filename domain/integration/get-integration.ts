import { and, eq } from 'drizzle-orm';
import { type IntegrationRow, integrations } from '../../db/tables/things.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { notFound } from '../../errors/bulkhead-error.js';
import { requireUuid } from '../input/id.js';

/**
 * One integration that the transaction may see.
 * @throws BulkheadError NOT_FOUND
 */
export async function getIntegration(tx: OrgTransaction, id: string): Promise<IntegrationRow> {
  const [integration] = await tx.db
    .select()
    .from(integrations)
    .where(and(eq(integrations.orgId, tx.orgId), eq(integrations.id, requireUuid(id, 'integration'))));
  if (integration === undefined) throw notFound('integration');
  return integration;
}
