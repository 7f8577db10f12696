import type { ScopeInput as WrittenScope } from '../../auth/scopes/parse-scopes.js';
import type { StoredScope } from '../../db/tables/api-keys.js';
import type { Scope, ScopeAction, ScopeInput } from '../types.generated.js';

const writtenActions = { READ: 'read', WRITE: 'write', ADMIN: 'admin', ANY: '*' } as const satisfies Record<
  ScopeAction,
  string
>;

const graphqlActions = new Map(
  Object.entries(writtenActions).map(([name, written]) => [written as string, name as ScopeAction]),
);

/** Scopes of an input as the grammar of scopes writes them. */
export function writtenScopes(scopes: readonly ScopeInput[]): WrittenScope[] {
  return scopes.map(({ action, resourceFilter }) => ({ action: writtenActions[action], resourceFilter }));
}

/**
 * Stored scopes as the schema writes them. An action that this version does not know grants nothing and is left out.
 */
export function graphqlScopes(stored: readonly StoredScope[]): Scope[] {
  return stored.flatMap(({ action, resourceFilter }) => {
    const name = graphqlActions.get(action);
    return name === undefined ? [] : [{ action: name, resourceFilter }];
  });
}
