import { and, eq } from 'drizzle-orm';
import { requireAction } from '../../auth/authorize.js';
import { thingTypeVersionPath } from '../../auth/scopes/resource-path.js';
import { type ThingTypeVersionRow, thingTypeVersions } from '../../db/tables/definitions.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { notFound } from '../../errors/bulkhead-error.js';
import { isDefinitionId } from '../input/id.js';
import { lockRow } from '../lock-row.js';

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

/**
 * The same, to be changed: decided by its scope, and locked.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN
 */
export async function getThingTypeVersionForChange(tx: OrgTransaction, id: string): Promise<ThingTypeVersionRow> {
  if (!isDefinitionId(id, 'tdef')) throw notFound(noun);
  return lockRow(
    selectVersion(tx, id).for('no key update'),
    () => getThingTypeVersion(tx, id),
    (found) => requireAction(tx.identity, 'write', thingTypeVersionPath(found.id), noun),
    noun,
  );
}

function selectVersion(tx: OrgTransaction, id: string) {
  return tx.db
    .select()
    .from(thingTypeVersions)
    .where(and(eq(thingTypeVersions.orgId, tx.orgId), eq(thingTypeVersions.id, id)));
}
