const second = 1;
const minute = 60 * second;
const hour = 60 * minute;

/** Seconds before each attempt, counted from the one before it (Standard Webhooks 1.0): ten in three and a half days. */
const delays = [0, 5, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour, 24 * hour] as const;

/** Attempts of a delivery at most. */
export const maxAttempts = delays.length;

/** Part of a delay by which it is drawn out at random, so that what failed together is not tried again together. */
const jitter = 0.1;

/**
 * Milliseconds until the next attempt; undefined after the last one.
 * @param made attempts that were made
 * @param random from 0 to 1
 */
export function delayBeforeNext(made: number, random: number): number | undefined {
  const delay = delays[made];
  return delay === undefined ? undefined : Math.round(delay * 1000 * (1 + jitter * random));
}
