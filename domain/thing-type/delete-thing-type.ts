import { and, eq } from 'drizzle-orm';
import { type ThingTypeRow, thingTypes } from '../../db/tables/definitions.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { requireNotYetDeleted } from '../definition/soft-delete.js';
import { requireChanged } from '../require-changed.js';
import { getThingTypeForChange } from './get-thing-type.js';

/**
 * Soft-deletes a thing type and answers what it was. Its things stay and go on reporting.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN; CONFLICT if it is already deleted
 */
export async function deleteThingType(tx: OrgTransaction, id: string): Promise<ThingTypeRow> {
  const before = await getThingTypeForChange(tx, id);
  requireNotYetDeleted(before, 'thing type');
  const rows = await tx.db
    .update(thingTypes)
    .set({ deletedAt: new Date(), deletedBy: tx.identity.actor.id })
    .where(and(eq(thingTypes.orgId, tx.orgId), eq(thingTypes.id, before.id)))
    .returning({ id: thingTypes.id });
  requireChanged(rows, 'write', 'thing type');
  return before;
}
