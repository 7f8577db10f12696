import { effectiveActions } from './action.js';
import { contains } from './covers.js';
import { layoutOf } from './noun.js';
import type { ResourcePattern, Scope } from './scope.js';
import { anyValue } from './segment-kind.js';

/**
 * Whether everything that `inner` grants is granted by `outer`, each action on each resource: a key may only make or
 * change a key whose scopes are a subset of its own. Exact, also where only several outer scopes together suffice
 * (`PLACE/#/#` within `PLACE/Site/#` and `PLACE/Fleet/#`; action `*` within `read`, `write` and `admin`).
 * The filter `*` is only within the filter `*`, because it also grants nouns that do not exist yet. Display names of
 * thing types have to be resolved first; left in, they are literals that equal nothing but themselves.
 *
 * Why it is exact: with fixed vocabularies written out, an open place stands for endlessly many values, and finitely
 * many outer literals leave one of them unnamed. The outer scope that grants the resource with such values everywhere
 * is open at all those places, so it alone contains the whole pattern.
 */
export function isSubset(inner: readonly Scope[], outer: readonly Scope[]): boolean {
  return inner.every(({ action, filter }) =>
    effectiveActions(action).every((effective) => {
      const granting = outer.filter((scope) => scope.action === '*' || scope.action === effective);
      if (granting.some((scope) => scope.filter === '*')) return true;
      return filter !== '*' && writeOut(filter).every((segments) => containedInOne(segments, granting));
    }),
  );
}

function containedInOne(segments: readonly string[], scopes: readonly Scope[]): boolean {
  return scopes.some(({ filter }) => filter !== '*' && contains(filter.segments, segments));
}

/** The same resources as patterns in which no place with a fixed vocabulary is open. */
function writeOut({ noun, segments }: ResourcePattern): string[][] {
  let patterns: string[][] = [[]];
  for (const [index, part] of layoutOf(noun).entries()) {
    const segment = segments[index] ?? anyValue;
    const values = segment === anyValue && typeof part !== 'string' ? (part.values ?? [segment]) : [segment];
    patterns = patterns.flatMap((pattern) => values.map((value) => [...pattern, value]));
  }
  return patterns;
}
