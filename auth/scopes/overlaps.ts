import type { Action } from './action.js';
import { readPath } from './resource-path.js';
import type { Scope } from './scope.js';
import { anyValue } from './segment-kind.js';

/**
 * Whether some scope grants the action on some resource that fits the path: the early refusal of a list.
 * `overlaps(scopes, 'read', nounPath('THING'))` is false exactly when no scope lets the actor read any thing at all.
 *
 * @param path canonical path, from the builders of `resource-path.ts`
 * @throws TypeError when the path is none
 */
export function overlaps(scopes: readonly Scope[], action: Action, path: string): boolean {
  const { segments } = readPath(path);
  return scopes.some((scope) => {
    if (scope.action !== '*' && scope.action !== action) return false;
    return scope.filter === '*' || meets(scope.filter.segments, segments);
  });
}

function meets(one: readonly string[], other: readonly string[]): boolean {
  return (
    one.length === other.length &&
    one.every((segment, index) => segment === other[index] || segment === anyValue || other[index] === anyValue)
  );
}
