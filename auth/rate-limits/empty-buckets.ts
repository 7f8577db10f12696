import type { RateLimitState } from './rate-limit-state.js';

/** Milliseconds for which an empty bucket is remembered at most: a raised limit takes effect within that time. */
const maxMemoryMs = 100;
/** Organizations remembered at most. */
const maxOrganizations = 10_000;

/** A bucket that was found empty. */
export interface EmptyBucket {
  /** Milliseconds until it holds a token. */
  readonly retryAfterMs: number;
  readonly states: readonly RateLimitState[];
}

/**
 * Remembers, for a tenth of a second at most, which organizations have no STANDARD token left: every operation costs at least one,
 * so theirs need not be read at all, and a flood of refused requests costs the gateway next to nothing.
 */
export class EmptyBuckets {
  readonly #until = new Map<string, { tokenAtMs: number; forgetAtMs: number; states: readonly RateLimitState[] }>();

  /**
   * Notes the buckets of an organization after a charge. How long the answer was under way is not known: what is promised
   * counts from now, so that it is never too early, and what is refused from before, so that it is never too late.
   * @param askedAtMs moment before the charge
   */
  note(orgId: string, states: readonly RateLimitState[], askedAtMs: number): void {
    const waitMs = untilNextToken(states);
    if (waitMs <= 0) {
      this.#until.delete(orgId);
      return;
    }
    if (this.#until.size >= maxOrganizations) this.#until.clear();
    const now = Date.now();
    this.#until.set(orgId, { tokenAtMs: now + waitMs, forgetAtMs: askedAtMs + Math.min(waitMs, maxMemoryMs), states });
  }

  /** The empty bucket of an organization; undefined if it may hold a token. */
  find(orgId: string): EmptyBucket | undefined {
    const entry = this.#until.get(orgId);
    if (entry === undefined) return undefined;
    if (entry.forgetAtMs <= Date.now()) {
      this.#until.delete(orgId);
      return undefined;
    }
    return { retryAfterMs: Math.max(1, Math.ceil(entry.tokenAtMs - Date.now())), states: entry.states };
  }
}

/** Milliseconds until the STANDARD bucket holds a whole token; 0 if it does. */
function untilNextToken(states: readonly RateLimitState[]): number {
  const standard = states.find((state) => state.tier === 'STANDARD');
  if (standard === undefined || standard.remaining > 0) return 0;
  const emissionMs = 60_000 / standard.perMinute;
  return standard.fullAfterMs - (standard.burst - 1) * emissionMs;
}
