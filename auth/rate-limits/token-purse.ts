import { RateLimiterRes } from 'rate-limiter-flexible';
import type { TokenCost } from './draw.js';
import type { RateLimitTier } from './rate-limit-state.js';

/** Tokens that requests under way have paid for and not yet used, by request and tier. */
const purses = new Map<string, number>();

/** Lets the fields of a request resolve that it has paid for. */
export function openPurse(requestId: string, cost: TokenCost): void {
  purses.set(purseKey(requestId, 'STANDARD'), cost.STANDARD);
  purses.set(purseKey(requestId, 'DATA_READ'), cost.DATA_READ);
}

/** Forgets a request that has ended. */
export function closePurse(requestId: string): void {
  purses.delete(purseKey(requestId, 'STANDARD'));
  purses.delete(purseKey(requestId, 'DATA_READ'));
}

/** Key of a purse, as the directive hands it to the limiter. */
export function purseKey(requestId: string, tier: RateLimitTier): string {
  return `${tier}:${requestId}`;
}

/**
 * The limiter behind `@rateLimit`. The organization's bucket was charged for the whole operation before it ran; the
 * directive takes from what was paid, so that a field which was not charged never resolves.
 */
export class TokenPurseLimiter {
  consume(key: string, points: number): Promise<RateLimiterRes> {
    const left = (purses.get(key) ?? 0) - points;
    if (left < 0) return Promise.reject(new Error('a rate-limited field resolved without having been charged'));
    purses.set(key, left);
    return Promise.resolve(new RateLimiterRes(left, 0, points, false));
  }
}
