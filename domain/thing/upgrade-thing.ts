import type { ThingRow } from '../../db/tables/things.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { changeRow, type RowChange } from '../change-row.js';
import { validateProperties } from '../property/validate-properties.js';
import { lockThing, writableThings } from './lock-thing.js';
import { bindToVersion } from './type-binding.js';

/**
 * Binds a thing to another version of its type and answers it before and after.
 * @param versionId any version of the type; without it the latest, if the type is active
 * @throws BulkheadError NOT_FOUND, FORBIDDEN, BAD_USER_INPUT for a version of another type, or one that the properties
 * of the thing do not fit
 */
export async function upgradeThing(
  tx: OrgTransaction,
  id: string,
  versionId: string | null | undefined,
): Promise<RowChange<ThingRow>> {
  const before = await lockThing(tx, id);
  const binding = await bindToVersion(tx, before.thingTypeId, versionId);
  return changeRow(tx, writableThings, before, {
    thingTypeVersionId: binding.thingTypeVersionId,
    properties: validateProperties('thing.properties', binding.propertyDefinitions, before.properties),
  });
}
