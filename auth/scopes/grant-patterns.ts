import { type Action, effectiveActions } from './action.js';
import type { Noun } from './noun.js';
import type { ResourceFilter, Scope } from './scope.js';
import { anyValue } from './segment-kind.js';

/** LIKE patterns by action and noun; what grants nothing is absent. Key `*` holds `%` where the filter is `*`. */
export type GrantPatterns = { [action in Action]?: { [noun in Noun | '*']?: string[] } };

/**
 * The scopes as row-level security applies them: a row is granted when its canonical path is LIKE one of the patterns
 * under its own noun or under `*` (escape character `\`, the default of PostgreSQL).
 *
 * LIKE knows no segments, `%` also matches slashes, and still each `%` matches exactly one segment: all paths of a noun
 * have the same number of slashes as its patterns (hence the split by noun), each slash of a pattern needs one of the
 * path, and so none is left for a `%`. Values cannot add slashes to a path: ids, place types, directions and integration
 * types have none (the columns that the path is made of have to be checked alike).
 */
export function grantPatterns(scopes: readonly Scope[]): GrantPatterns {
  const grants: GrantPatterns = {};
  for (const { action, filter } of scopes) {
    const noun = filter === '*' ? '*' : filter.noun;
    for (const effective of effectiveActions(action)) {
      const byNoun = grants[effective] ?? {};
      byNoun[noun] = [...new Set([...(byNoun[noun] ?? []), likePattern(filter)])];
      grants[effective] = byNoun;
    }
  }
  return grants;
}

function likePattern(filter: ResourceFilter): string {
  if (filter === '*') return '%';
  return filter.segments.map((segment) => (segment === anyValue ? '%' : segment.replace(/[\\%_]/g, '\\$&'))).join('/');
}
