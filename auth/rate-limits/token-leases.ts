import { LRUCache } from 'lru-cache';
import type { Identity } from '../identity.js';
import { type Charge, type Draw, noTokens, type TokenCost } from './draw.js';
import type { RateLimitState } from './rate-limit-state.js';
import type { TokenBuckets } from './token-buckets.js';

/** Milliseconds for which tokens taken in advance can be used: a changed limit takes effect within that time. */
const leaseMs = 1000;
/**
 * Milliseconds for which tokens that were not used can be given back: the store forgets who holds what two seconds
 * after the last draw, and is not to be told of what it has forgotten.
 */
const returnableMs = 1500;
/** Organizations remembered at most. */
const maxOrganizations = 10_000;

/** What one gateway holds of the tokens of one organization. */
interface Lease {
  /** The last draw, and when it was asked for, by `performance.now()`. */
  draw: Draw | undefined;
  drawnAtMs: number;
  /** Tokens that were taken in advance and not used. */
  left: TokenCost;
  /** Tokens that were asked for since the last draw, with it. */
  used: TokenCost;
  /** Settles when all who came before have drawn. */
  turn: Promise<unknown>;
}

/**
 * Charges organizations, for one gateway. While an organization is busy and its buckets are more than half full, tokens
 * are taken in advance, as many as it has used within the last second and as many again, so that most requests are
 * charged from memory. They have left the bucket before they are used, and what is not used goes back with the next draw:
 * the deployment never lets more pass than burst and refill. Requests that find none draw one after the other.
 */
export class TokenLeases {
  readonly #buckets: TokenBuckets;
  readonly #leases = new LRUCache<string, Lease>({ max: maxOrganizations });

  constructor(buckets: TokenBuckets) {
    this.#buckets = buckets;
  }

  /**
   * Charges both buckets of the organization, all or nothing.
   * @throws BulkheadError OPERATION_TOO_COMPLEX for a cost that no bucket can ever hold
   */
  async take(identity: Identity, cost: TokenCost): Promise<Charge> {
    let lease = this.#leases.get(identity.orgId);
    if (lease === undefined) {
      lease = {
        draw: undefined,
        drawnAtMs: Number.NEGATIVE_INFINITY,
        left: noTokens,
        used: noTokens,
        turn: Promise.resolve(),
      };
      this.#leases.set(identity.orgId, lease);
    }
    const ofOrganization = lease;
    const leased = fromLease(ofOrganization, cost);
    if (leased !== undefined) return leased;
    const drawn = ofOrganization.turn.then(
      () => fromLease(ofOrganization, cost) ?? this.#draw(ofOrganization, identity, cost),
    );
    ofOrganization.turn = drawn.catch(() => {});
    return drawn;
  }

  async #draw(lease: Lease, identity: Identity, cost: TokenCost): Promise<Charge> {
    const now = performance.now();
    const ageMs = now - lease.drawnAtMs;
    const more = ageMs < leaseMs ? times(2, lease.used) : noTokens;
    const back = ageMs < returnableMs ? lease.left : noTokens;
    const held = ageMs < returnableMs ? (lease.draw?.taken ?? noTokens) : noTokens;
    const from = lease.draw?.store;
    Object.assign(lease, { draw: undefined, left: noTokens });
    const draw = await this.#buckets.draw(identity, cost, { more, held, back }, from);
    Object.assign(lease, { draw, drawnAtMs: now, left: draw.taken, used: cost });
    return { ...draw, states: statesOf(lease, draw, now) };
  }
}

/** The charge from memory; undefined where it does not hold the cost, or for too long already. */
function fromLease(lease: Lease, cost: TokenCost): Charge | undefined {
  const { draw, left } = lease;
  const now = performance.now();
  if (draw === undefined || now - lease.drawnAtMs >= leaseMs) return undefined;
  if (cost.STANDARD > left.STANDARD || cost.DATA_READ > left.DATA_READ) return undefined;
  lease.left = sum(left, times(-1, cost));
  lease.used = sum(lease.used, cost);
  return { granted: true, retryAfterMs: 0, states: statesOf(lease, draw, now) };
}

/** The buckets as this gateway knows them: what it holds itself counts as remaining. */
function statesOf(lease: Lease, draw: Draw, now: number): RateLimitState[] {
  return draw.states.map((state) => {
    const heldMs = (lease.left[state.tier] * 60_000) / state.perMinute;
    const elapsedMs = draw === lease.draw ? now - lease.drawnAtMs : 0;
    const fullAfterMs = Math.max(0, Math.ceil(state.fullAfterMs - heldMs - elapsedMs));
    const refilled = Math.floor((elapsedMs * state.perMinute) / 60_000);
    const remaining = Math.min(state.burst, state.remaining + lease.left[state.tier] + refilled);
    return { ...state, remaining, fullAfterMs };
  });
}

function times(factor: number, tokens: TokenCost): TokenCost {
  return { STANDARD: factor * tokens.STANDARD, DATA_READ: factor * tokens.DATA_READ };
}

function sum(one: TokenCost, other: TokenCost): TokenCost {
  return { STANDARD: one.STANDARD + other.STANDARD, DATA_READ: one.DATA_READ + other.DATA_READ };
}
