import { invalidInput } from '../../errors/bulkhead-error.js';
import type { Scope } from './scope.js';

/**
 * Refuses scopes that an EXTERNAL key, made to be handed to another party, cannot carry: the action `admin`, the
 * action `*` (it includes `admin`) and the filter `*` (it includes resources that do not exist yet). Any noun may still
 * be opened wholly with `#`.
 *
 * @param field path of the list in the caller's input, e.g. `input.scopes`
 * @throws BulkheadError BAD_USER_INPUT on `field`
 */
export function refuseBeyondExternal(scopes: readonly Scope[], field: string): void {
  if (scopes.some(({ action }) => action === 'admin' || action === '*')) {
    throw invalidInput(field, 'an EXTERNAL key can have the actions read and write only');
  }
  if (scopes.some(({ filter }) => filter === '*')) {
    throw invalidInput(field, 'an EXTERNAL key needs a resource path: the filter * is too wide for it');
  }
}
