import { parseScopes, type ScopeInput } from '../../auth/scopes/parse-scopes.js';
import { refuseBeyondExternal } from '../../auth/scopes/refuse-beyond-external.js';
import { resolveThingTypes, thingTypeNames } from '../../auth/scopes/resolve-thing-types.js';
import type { Scope } from '../../auth/scopes/scope.js';
import type { OrgTransaction } from '../../db/with-org.js';

const field = 'input.scopes';

/**
 * The scopes that an input asks for, with display names of thing types replaced by ids.
 * @throws BulkheadError BAD_USER_INPUT for a bad scope, one that a key of this type cannot have, or an unknown type name
 */
export async function requestedScopes(
  tx: OrgTransaction,
  type: 'EXTERNAL' | 'ADMIN',
  input: readonly ScopeInput[],
): Promise<Scope[]> {
  const scopes = parseScopes(input, field);
  if (type === 'EXTERNAL') refuseBeyondExternal(scopes, field);
  const names = thingTypeNames(scopes);
  if (names.length === 0) return scopes;
  const rows = await tx.sql<{ name: string; id: string }[]>`
    select n.name, t.thing_type_id as id
    from jsonb_array_elements_text(${JSON.stringify(names)}::jsonb) n (name),
         app.resolve_thing_type(null, n.name, null) t`;
  const ids = new Map(rows.map(({ name, id }) => [name, id]));
  return resolveThingTypes(scopes, (name) => ids.get(name), field);
}
