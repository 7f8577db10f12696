/** Who has to keep a promise: the program, the way it is deployed, or the people who operate it. */
export type Keeper = 'PRODUCT' | 'DEPLOYMENT' | 'OPERATOR';

/** A promise in words that a customer can read, and what it rests on. */
export interface Promised {
  /** `P` and three digits; an id is never used for another promise. */
  readonly id: string;
  readonly words: string;
  readonly keeper: Keeper;
  /** Ids of the checks that all have to pass; none where there is nothing to look at. */
  readonly checks: readonly string[];
  /** Why it is not provided, whatever checks find. */
  readonly reason?: string;
  /** Whether tests prove it and checks see but a part of what it says. */
  readonly isTested?: true;
  /** Test file that proves it, or that proves what its checks find. */
  readonly proof?: string;
}

/** A promise that rests on checks. */
export function kept(id: string, keeper: Keeper, words: string, checks: readonly string[], proof: string): Promised {
  return { id, words, keeper, checks, proof };
}

/** A promise that is not provided, and why. */
export function absent(id: string, keeper: Keeper, words: string, reason: string): Promised {
  return { id, words, keeper, checks: [], reason };
}

/**
 * A promise that tests prove, and that cannot be looked at where it runs: its checks can find it broken, and never that it
 * is kept.
 */
export function tested(id: string, keeper: Keeper, words: string, checks: readonly string[], proof: string): Promised {
  const reason = `proved by tests (${proof}); what runs here cannot be asked for it`;
  return { id, words, keeper, checks, proof, reason, isTested: true };
}
