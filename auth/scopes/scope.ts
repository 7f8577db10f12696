import type { ScopeAction } from './action.js';
import type { Noun } from './noun.js';

/**
 * The resources of one noun whose canonical path fits: same number of segments, every literal equal, `#` any value.
 * A literal never contains `/` or `#` and is never `*`.
 */
export interface ResourcePattern {
  readonly noun: Noun;
  /** The canonical path cut at its slashes, fixed words included: `['PLACE', 'Site', '#']`. */
  readonly segments: readonly string[];
}

/** The resources that a scope is about: a pattern, or `*` for all, also those of nouns that do not exist yet. */
export type ResourceFilter = '*' | ResourcePattern;

/** A right: one action (or all) on the resources of one filter, always within the one organization of the key. */
export interface Scope {
  readonly action: ScopeAction;
  readonly filter: ResourceFilter;
}

/** The canonical path of a pattern: `PLACE/#/#/THING/#/#` for all things. */
export function canonicalPath(pattern: ResourcePattern): string {
  return pattern.segments.join('/');
}

/** The scopes without repetitions, in the order in which they first appear. */
export function distinctScopes(scopes: readonly Scope[]): Scope[] {
  const known = new Map<string, Scope>();
  for (const scope of scopes) {
    const text = `${scope.action} ${scope.filter === '*' ? '*' : canonicalPath(scope.filter)}`;
    if (!known.has(text)) known.set(text, scope);
  }
  return [...known.values()];
}
