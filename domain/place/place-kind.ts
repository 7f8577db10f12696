/** Kind of a place, as in resource paths. */
export type PlaceKind = 'Site' | 'Fleet';

/** The kind as a word for people. */
export function placeNoun(kind: PlaceKind): 'site' | 'fleet' {
  return kind === 'Site' ? 'site' : 'fleet';
}
