import { and, eq } from 'drizzle-orm';
import { requireAction } from '../../auth/authorize.js';
import { thingTypePath } from '../../auth/scopes/resource-path.js';
import { type ThingTypeRow, thingTypes } from '../../db/tables/definitions.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { notFound } from '../../errors/bulkhead-error.js';
import { isDefinitionId, requireDefinitionId } from '../input/id.js';
import { lockRow } from '../lock-row.js';
import type { WritableRows } from '../writable-rows.js';

/**
 * One thing type that the transaction may see, active or deleted.
 * @throws BulkheadError NOT_FOUND
 */
export async function getThingType(tx: OrgTransaction, id: string): Promise<ThingTypeRow> {
  const [type] = isDefinitionId(id, 'tdefi') ? await selectThingType(tx, id) : [];
  if (type === undefined) throw notFound('thing type');
  return type;
}

/** Thing types to be changed. */
export const writableThingTypes: WritableRows<typeof thingTypes> = {
  noun: 'thing type',
  table: thingTypes,
  key: (id) => ({ id: requireDefinitionId(id, 'tdefi', 'thing type') }),
  read: getThingType,
  decide: (tx, type) => requireAction(tx.identity, 'write', thingTypePath(type.id), 'thing type'),
};

/**
 * The same, to be changed: decided by its scope, and locked, so that two new versions never get the same number.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN
 */
export function getThingTypeForChange(tx: OrgTransaction, id: string): Promise<ThingTypeRow> {
  return lockRow(tx, writableThingTypes, id);
}

function selectThingType(tx: OrgTransaction, id: string) {
  return tx.db
    .select()
    .from(thingTypes)
    .where(and(eq(thingTypes.orgId, tx.orgId), eq(thingTypes.id, id)));
}
