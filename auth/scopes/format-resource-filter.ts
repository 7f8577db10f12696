import { parentOf, segmentKindsOf } from './noun.js';
import type { Scope } from './scope.js';
import { anyValue } from './segment-kind.js';

/**
 * The shortest text that reads back as the filter of this scope: the parent is left out where it is wholly open
 * (`THING/#/#` for any thing of any place), and written where anything of it is given.
 */
export function formatResourceFilter({ filter }: Scope): string {
  if (filter === '*') return '*';
  const ownStart = filter.segments.length - segmentKindsOf(filter.noun).length - 1;
  const parents = filter.segments.slice(0, ownStart);
  const parentsOpen = parents.every((segment) => segment === anyValue || segment === parentOf(filter.noun));
  return (parentsOpen ? filter.segments.slice(ownStart) : filter.segments).join('/');
}
