/** Waiting times between attempts to start something again. */
const restartBackOff = { firstMs: 200, lastMs: 5_000 } as const;

/**
 * Milliseconds to wait before an attempt: 0.2 s, doubling up to 5 s.
 * @param attempt 1 for the first
 */
export function restartDelayMs(attempt: number): number {
  return Math.min(restartBackOff.lastMs, restartBackOff.firstMs * 2 ** Math.min(attempt - 1, 10));
}
