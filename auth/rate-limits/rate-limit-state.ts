/** Token bucket of an organization. */
export type RateLimitTier = 'STANDARD' | 'DATA_READ';

/** A bucket after it was charged, or after a charge was refused. */
export interface RateLimitState {
  readonly tier: RateLimitTier;
  /** Tokens added a minute. */
  readonly perMinute: number;
  /** Tokens that the bucket holds at most. */
  readonly burst: number;
  /** Tokens in the bucket. */
  readonly remaining: number;
  /** Milliseconds until the bucket is full. */
  readonly fullAfterMs: number;
}
