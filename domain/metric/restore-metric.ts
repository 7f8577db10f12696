import { and, eq } from 'drizzle-orm';
import { type MetricDefinitionRow, metricDefinitions } from '../../db/tables/definitions.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { requireDeleted } from '../definition/soft-delete.js';
import { requireChanged } from '../require-changed.js';
import { getMetricForChange } from './get-metric.js';

/**
 * Restores a soft-deleted metric and answers it before and after.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN; CONFLICT if it is not deleted, or if an active metric has its name
 */
export async function restoreMetric(
  tx: OrgTransaction,
  id: string,
): Promise<{ before: MetricDefinitionRow; after: MetricDefinitionRow }> {
  const before = await getMetricForChange(tx, id);
  requireDeleted(before, 'metric');
  const rows = await tx.db
    .update(metricDefinitions)
    .set({ deletedAt: null, deletedBy: null, updatedAt: new Date(), updatedBy: tx.identity.actor.id })
    .where(and(eq(metricDefinitions.orgId, tx.orgId), eq(metricDefinitions.id, before.id)))
    .returning();
  return { before, after: requireChanged(rows, 'write', 'metric') };
}
