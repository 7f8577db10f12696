import { and, eq } from 'drizzle-orm';
import { requireAction } from '../../auth/authorize.js';
import { thingTypeVersionPath } from '../../auth/scopes/resource-path.js';
import { type ThingTypeVersionRow, thingTypeVersions } from '../../db/tables/definitions.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { notFound } from '../../errors/bulkhead-error.js';
import { isDefinitionId, requireDefinitionId } from '../input/id.js';
import { lockRow } from '../lock-row.js';
import type { WritableRows } from '../writable-rows.js';

const noun = 'thing type version';

/**
 * One version of a thing type that the transaction may see.
 * @throws BulkheadError NOT_FOUND
 */
export async function getThingTypeVersion(tx: OrgTransaction, id: string): Promise<ThingTypeVersionRow> {
  const [version] = isDefinitionId(id, 'tdef') ? await selectVersion(tx, id) : [];
  if (version === undefined) throw notFound(noun);
  return version;
}

/** Versions of thing types to be changed. */
export const writableVersions: WritableRows<typeof thingTypeVersions> = {
  noun: noun,
  table: thingTypeVersions,
  key: (id) => ({ id: requireDefinitionId(id, 'tdef', noun) }),
  read: getThingTypeVersion,
  decide: (tx, version) => requireAction(tx.identity, 'write', thingTypeVersionPath(version.id), noun),
};

/**
 * The same, to be changed: decided by its scope, and locked.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN
 */
export function getThingTypeVersionForChange(tx: OrgTransaction, id: string): Promise<ThingTypeVersionRow> {
  return lockRow(tx, writableVersions, id);
}

function selectVersion(tx: OrgTransaction, id: string) {
  return tx.db
    .select()
    .from(thingTypeVersions)
    .where(and(eq(thingTypeVersions.orgId, tx.orgId), eq(thingTypeVersions.id, id)));
}
