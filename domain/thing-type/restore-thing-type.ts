import { and, eq } from 'drizzle-orm';
import { type ThingTypeRow, thingTypes } from '../../db/tables/definitions.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { BulkheadError } from '../../errors/bulkhead-error.js';
import { lockDefinitions } from '../definition/lock-definitions.js';
import { requireDeleted } from '../definition/soft-delete.js';
import { activeMetrics } from '../metric/require-metrics.js';
import { requireChanged } from '../require-changed.js';
import { getThingTypeForChange } from './get-thing-type.js';
import { latestSnapshot } from './version-snapshot.js';

/**
 * Restores a soft-deleted thing type and answers it before and after.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN; CONFLICT if it is not deleted, if an active type has its name, or if a
 * metric of its latest version was deleted meanwhile
 */
export async function restoreThingType(
  tx: OrgTransaction,
  id: string,
): Promise<{ before: ThingTypeRow; after: ThingTypeRow }> {
  const before = await getThingTypeForChange(tx, id);
  requireDeleted(before, 'thing type');
  await lockDefinitions(tx);
  await refuseDeletedMetrics(tx, before.id);
  const rows = await tx.db
    .update(thingTypes)
    .set({ deletedAt: null, deletedBy: null, updatedAt: new Date(), updatedBy: tx.identity.actor.id })
    .where(and(eq(thingTypes.orgId, tx.orgId), eq(thingTypes.id, before.id)))
    .returning();
  return { before, after: requireChanged(rows, 'write', 'thing type') };
}

/** The latest version of an active type holds active metrics only: `deleteMetric` relies on it. */
async function refuseDeletedMetrics(tx: OrgTransaction, id: string): Promise<void> {
  const { metricIds } = await latestSnapshot(tx, id);
  const count = metricIds.length - (await activeMetrics(tx, metricIds)).size;
  if (count === 0) return;
  const metrics = `${count} deleted ${count === 1 ? 'metric' : 'metrics'}`;
  throw new BulkheadError('CONFLICT', `The latest version of the thing type holds ${metrics}: restore them first`, {
    errors: [{ field: 'input.id', reason: `holds ${metrics} in its latest version` }],
  });
}
