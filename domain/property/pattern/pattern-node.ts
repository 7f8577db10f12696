import type { CharacterTest } from './character-test.js';

/** A pattern as a tree. */
export type PatternNode =
  | { readonly kind: 'character'; readonly test: CharacterTest }
  | { readonly kind: 'sequence'; readonly parts: readonly PatternNode[] }
  | { readonly kind: 'choice'; readonly options: readonly PatternNode[] }
  /** `max` is Infinity where there is no bound, else at least 1. */
  | { readonly kind: 'repeat'; readonly body: PatternNode; readonly min: number; readonly max: number };
