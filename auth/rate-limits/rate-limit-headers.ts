import type { RateLimitState } from './rate-limit-state.js';

/**
 * Headers of draft-ietf-httpapi-ratelimit-headers: the policy of each bucket (`q` tokens refilled over `w` seconds) and
 * what is left of it (`r` tokens, full after `t` seconds).
 */
export function rateLimitHeaders(states: readonly RateLimitState[]): Record<string, string> {
  if (states.length === 0) return {};
  const name = (state: RateLimitState) => `"${state.tier.toLowerCase().replace('_', '-')}"`;
  const window = (state: RateLimitState) => Math.max(1, Math.ceil((state.burst * 60) / state.perMinute));
  return {
    'ratelimit-policy': states.map((state) => `${name(state)};q=${state.burst};w=${window(state)}`).join(', '),
    ratelimit: states
      .map((state) => `${name(state)};r=${state.remaining};t=${Math.ceil(state.fullAfterMs / 1000)}`)
      .join(', '),
  };
}
