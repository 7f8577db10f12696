import { and, eq } from 'drizzle-orm';
import { type MetricDefinitionRow, metricDefinitions } from '../../db/tables/definitions.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { BulkheadError } from '../../errors/bulkhead-error.js';
import { lockDefinitions } from '../definition/lock-definitions.js';
import { requireNotYetDeleted } from '../definition/soft-delete.js';
import { requireChanged } from '../require-changed.js';
import { getMetricForChange } from './get-metric.js';

/**
 * Soft-deletes a metric that no active thing type holds in its latest version, and answers what it was. Older versions
 * keep it: things bound to them go on reporting it.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN; CONFLICT while it is in use, or if it is already deleted
 */
export async function deleteMetric(tx: OrgTransaction, id: string): Promise<MetricDefinitionRow> {
  const before = await getMetricForChange(tx, id);
  requireNotYetDeleted(before, 'metric');
  await lockDefinitions(tx);
  await refuseUsed(tx, before.id);
  const rows = await tx.db
    .update(metricDefinitions)
    .set({ deletedAt: new Date(), deletedBy: tx.identity.actor.id })
    .where(and(eq(metricDefinitions.orgId, tx.orgId), eq(metricDefinitions.id, before.id)))
    .returning({ id: metricDefinitions.id });
  requireChanged(rows, 'write', 'metric');
  return before;
}

async function refuseUsed(tx: OrgTransaction, id: string): Promise<void> {
  const [dependants] = await tx.sql<{ thing_types: string }[]>`
    select thing_types from app.definition_dependants(${id})`;
  const count = Number(dependants?.thing_types ?? 0);
  if (count === 0) return;
  const holders = `${count} active ${count === 1 ? 'thing type' : 'thing types'}`;
  throw new BulkheadError('CONFLICT', `The metric is in use: the latest version of ${holders} holds it`, {
    errors: [{ field: 'input.id', reason: `is held by the latest version of ${holders}` }],
  });
}
