import type { Action } from './action.js';
import { readPath } from './resource-path.js';
import type { Scope } from './scope.js';
import { anyValue } from './segment-kind.js';

/**
 * Whether some scope grants the action on the whole of what the path names: one resource, or with `#` all that fit.
 * A `#` of the path is met only by `#` or `*` in one scope (`PLACE/#/#` is not covered by `PLACE/Site/#` and
 * `PLACE/Fleet/#` together: such a list is filtered instead). Scopes add up, nothing denies; literals compare exactly.
 * A scope whose thing type is still a display name grants nothing.
 *
 * @param path canonical path, from the builders of `resource-path.ts`
 * @throws TypeError when the path is none
 */
export function covers(scopes: readonly Scope[], action: Action, path: string): boolean {
  const { segments } = readPath(path);
  return scopes.some((scope) => {
    if (scope.action !== '*' && scope.action !== action) return false;
    return scope.filter === '*' || contains(scope.filter.segments, segments);
  });
}

/** Whether every resource that fits `inner` fits `outer`, place by place. */
export function contains(outer: readonly string[], inner: readonly string[]): boolean {
  return (
    outer.length === inner.length && outer.every((segment, index) => segment === anyValue || segment === inner[index])
  );
}
