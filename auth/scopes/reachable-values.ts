import type { GrantPatterns } from './grant-patterns.js';
import type { Noun } from './noun.js';

/**
 * The values that can stand at one place of the paths of what may be read, where the scopes leave no other: a list can
 * then be narrowed to the rows that have one of them, by index, before row-level security decides on each.
 * @param place number of the segment in canonical paths of the noun, from 0
 * @param fixed segment that tells apart kinds of one noun, e.g. `Metric` at place 1 of definitions
 * @returns undefined where some scope leaves the place open; an empty list where nothing may be read
 */
export function reachableValues(
  grants: GrantPatterns,
  noun: Noun,
  place: number,
  fixed?: { readonly place: number; readonly value: string },
): readonly string[] | undefined {
  const read = grants.read ?? {};
  if (read['*'] !== undefined) return undefined;
  const values = new Set<string>();
  for (const pattern of read[noun] ?? []) {
    const segments = pattern.split('/');
    const kind = fixed === undefined ? undefined : segments[fixed.place];
    if (kind !== undefined && kind !== '%' && kind !== fixed?.value) continue;
    const value = segments[place] ?? '%';
    if (value.includes('%')) return undefined;
    values.add(value.replace(/\\(.)/g, '$1'));
  }
  return [...values];
}
