import { invalidInput } from '../../errors/bulkhead-error.js';
import { actions, isScopeAction } from './action.js';
import { parseResourcePattern } from './parse-resource-pattern.js';
import { distinctScopes, type ResourceFilter, type Scope } from './scope.js';

/** A scope as it is written: in the input of a mutation, and in the row of a key. */
export interface ScopeInput {
  /** `read`, `write`, `admin` or `*`. */
  readonly action: string;
  /** `*`, or a resource path such as `PLACE/Site/#` or `THING/#/#`. */
  readonly resourceFilter: string;
}

/** Most scopes of one key, repetitions counted. */
export const maxScopes = 64;

/**
 * Reads the scopes of a key. Repetitions are removed; the order is kept. Thing types given by display name stay names
 * until `resolveThingTypes` has replaced them.
 *
 * @param field path of the list in the caller's input, e.g. `input.scopes`
 * @throws BulkheadError BAD_USER_INPUT that names the field and the reason, never the refused value
 */
export function parseScopes(input: readonly ScopeInput[], field: string): Scope[] {
  if (input.length < 1 || input.length > maxScopes) throw invalidInput(field, `must hold 1 to ${maxScopes} scopes`);
  const scopes = input.map(({ action, resourceFilter }, index): Scope => {
    if (!isScopeAction(action)) throw invalidInput(`${field}[${index}].action`, `must be ${actions.join(', ')} or *`);
    return { action, filter: parseResourceFilter(resourceFilter, `${field}[${index}].resourceFilter`) };
  });
  return distinctScopes(scopes);
}

/**
 * Reads one resource filter: `*`, or a path (see `parseResourcePattern`).
 *
 * @throws BulkheadError BAD_USER_INPUT on `field`
 */
export function parseResourceFilter(text: string, field: string): ResourceFilter {
  return text === '*' ? '*' : parseResourcePattern(text, (reason) => invalidInput(field, reason));
}
