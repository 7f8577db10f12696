import { and, eq } from 'drizzle-orm';
import { type IntegrationRow, integrations } from '../../db/tables/things.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { changedRow, type RowChange } from '../changed-row.js';
import { lockIntegration } from './lock-integration.js';

/**
 * Enables or disables an integration and answers it before and after. A disabled one neither delivers nor accepts, from
 * the commit on.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN
 */
export async function setIntegrationEnabled(
  tx: OrgTransaction,
  id: string,
  isEnabled: boolean,
): Promise<RowChange<IntegrationRow>> {
  const before = await lockIntegration(tx, id);
  const updated = tx.db
    .update(integrations)
    .set({ isEnabled, updatedAt: new Date(), updatedBy: tx.identity.actor.id })
    .where(and(eq(integrations.orgId, tx.orgId), eq(integrations.id, before.id)))
    .returning();
  return { before, after: changedRow(updated, 'write', 'integration') };
}
