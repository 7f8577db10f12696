import { arrayLiteral } from '../../db/array-literal.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { invalidInput } from '../../errors/bulkhead-error.js';
import { isDefinitionId } from '../input/id.js';

/** Types permitted below one at most. */
const maxSubDefinitions = 100;

/**
 * Ids of the types permitted below a type, without repetitions: at most 100, each of an active type of the organization,
 * whether the key may read it or not.
 * @throws BulkheadError BAD_USER_INPUT that names the entry
 */
export async function requireSubDefinitions(
  tx: OrgTransaction,
  field: string,
  ids: readonly string[],
): Promise<string[]> {
  if (ids.length > maxSubDefinitions) throw invalidInput(field, `must have at most ${maxSubDefinitions} entries`);
  const active = await activeThingTypes(tx, ids);
  const unknown = ids.findIndex((id) => !active.has(id));
  if (unknown >= 0) throw invalidInput(`${field}[${unknown}]`, 'is not an active thing type');
  return [...new Set(ids)];
}

/** Those of the ids that name active thing types of the organization. */
export async function activeThingTypes(tx: OrgTransaction, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const wellFormed = ids.filter((id) => isDefinitionId(id, 'tdefi'));
  if (wellFormed.length === 0) return new Set();
  const rows = await tx.sql<{ id: string }[]>`
    select id from app.existing_thing_types(${arrayLiteral(wellFormed)}::text[])`;
  return new Set(rows.map((row) => row.id));
}
