import { BulkheadError } from '../../errors/bulkhead-error.js';
import { formatResourceFilter } from '../scopes/format-resource-filter.js';
import { parseScopes, type ScopeInput } from '../scopes/parse-scopes.js';
import type { Scope } from '../scopes/scope.js';

/** The scopes as the row of a key holds them: canonical text, names of thing types resolved. */
export function storeScopes(scopes: readonly Scope[]): ScopeInput[] {
  return scopes.map((scope) => ({ action: scope.action, resourceFilter: formatResourceFilter(scope) }));
}

/**
 * What the scopes of a row grant. One that this version cannot read (a noun that it does not know) grants nothing.
 */
export function grantedScopes(stored: readonly ScopeInput[]): Scope[] {
  return stored.flatMap((scope) => readScope(scope) ?? []);
}

/**
 * What the scopes of a row may come to grant: one that this version cannot read is taken for everything, because a
 * later version may read it. By these a key is judged before another key may change it.
 */
export function possibleScopes(stored: readonly ScopeInput[]): Scope[] {
  return stored.flatMap((scope) => readScope(scope) ?? [{ action: '*', filter: '*' }]);
}

function readScope(stored: ScopeInput): Scope[] | undefined {
  try {
    return parseScopes([stored], 'scopes');
  } catch (error) {
    if (error instanceof BulkheadError) return undefined;
    throw error;
  }
}
