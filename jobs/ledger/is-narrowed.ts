import { isWithin } from '../../auth/api-keys/address-allow-list.js';
import { grantedScopes, possibleScopes } from '../../auth/api-keys/stored-scopes.js';
import { isSubset } from '../../auth/scopes/is-subset.js';
import type { ScopeInput } from '../../auth/scopes/parse-scopes.js';

/** What a key may do and from where, as its row has it. */
export interface StoredBounds {
  readonly scopes: readonly ScopeInput[];
  readonly allowedCidrs: readonly string[];
}

/** A change of the bounds of a key. */
export interface KeyChange {
  readonly before: StoredBounds;
  readonly after: StoredBounds;
}

/** Whether a key could do something before that it cannot do now; also where that cannot be told. */
export function isNarrowed({ before, after }: KeyChange): boolean {
  try {
    const keepsScopes = isSubset(possibleScopes(before.scopes), grantedScopes(after.scopes));
    return !(keepsScopes && isWithin(before.allowedCidrs, after.allowedCidrs));
  } catch {
    return true;
  }
}
