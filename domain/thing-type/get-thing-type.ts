import { and, eq } from 'drizzle-orm';
import { requireAction } from '../../auth/authorize.js';
import { thingTypePath } from '../../auth/scopes/resource-path.js';
import { type ThingTypeRow, thingTypes } from '../../db/tables/definitions.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { notFound } from '../../errors/bulkhead-error.js';
import { isDefinitionId } from '../input/id.js';
import { lockRow } from '../lock-row.js';

/**
 * One thing type that the transaction may see, active or deleted.
 * @throws BulkheadError NOT_FOUND
 */
export async function getThingType(tx: OrgTransaction, id: string): Promise<ThingTypeRow> {
  const [type] = isDefinitionId(id, 'tdefi') ? await selectThingType(tx, id) : [];
  if (type === undefined) throw notFound('thing type');
  return type;
}

/**
 * The same, to be changed: decided by its scope, and locked, so that two new versions never get the same number.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN
 */
export async function getThingTypeForChange(tx: OrgTransaction, id: string): Promise<ThingTypeRow> {
  if (!isDefinitionId(id, 'tdefi')) throw notFound('thing type');
  return lockRow(
    selectThingType(tx, id).for('no key update'),
    () => getThingType(tx, id),
    (found) => requireAction(tx.identity, 'write', thingTypePath(found.id), 'thing type'),
    'thing type',
  );
}

function selectThingType(tx: OrgTransaction, id: string) {
  return tx.db
    .select()
    .from(thingTypes)
    .where(and(eq(thingTypes.orgId, tx.orgId), eq(thingTypes.id, id)));
}
