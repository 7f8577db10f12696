import { invalidInput } from '../../errors/bulkhead-error.js';
import { layoutOf } from './noun.js';
import { distinctScopes, type ResourceFilter, type Scope } from './scope.js';
import { anyValue, isThingTypeId, thingType } from './segment-kind.js';

const thingTypePlace = layoutOf('THING').indexOf(thingType);

/** The display names of thing types that these scopes still contain, each once: what to look up. */
export function thingTypeNames(scopes: readonly Scope[]): string[] {
  return [...new Set(scopes.map(({ filter }) => nameIn(filter)).filter((name) => name !== undefined))];
}

/**
 * Replaces display names of thing types by their stable ids, once, when a key is made or changed: a later rename then
 * neither widens nor narrows the key. Scopes that have become equal are merged.
 *
 * @param lookup the id (`tdefi_…`) of the active thing type with exactly this name, undefined when there is none
 * @param field path of the list in the caller's input, e.g. `input.scopes`
 * @throws BulkheadError BAD_USER_INPUT on `field` when a name is unknown; it counts scopes, never repeats the name
 * @throws TypeError when `lookup` returns something else than an id of a thing type
 */
export function resolveThingTypes(
  scopes: readonly Scope[],
  lookup: (name: string) => string | undefined,
  field: string,
): Scope[] {
  const resolved = scopes.map((scope, index): Scope => {
    const name = nameIn(scope.filter);
    if (name === undefined || scope.filter === '*') return scope;
    const id = lookup(name);
    if (id === undefined) throw invalidInput(field, `distinct scope ${index + 1} names an unknown thing type`);
    if (!isThingTypeId(id)) throw new TypeError('lookup returned no id of a thing type');
    return { ...scope, filter: { ...scope.filter, segments: scope.filter.segments.with(thingTypePlace, id) } };
  });
  return distinctScopes(resolved);
}

function nameIn(filter: ResourceFilter): string | undefined {
  if (filter === '*' || filter.noun !== 'THING') return undefined;
  const type = filter.segments[thingTypePlace];
  return type === undefined || type === anyValue || isThingTypeId(type) ? undefined : type;
}
