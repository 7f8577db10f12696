/** Which instants are accepted: the retention of the organization, and a little ahead for clocks that are fast. */
export interface AcceptedWindow {
  /** Epoch ms, inclusive: the retention cut-off. */
  readonly oldestMs: number;
  /** Epoch ms, inclusive: now + 5 min. */
  readonly newestMs: number;
}

/** Why an instant is not accepted; undefined for one that is. */
export function outsideWindow(atMs: number, { oldestMs, newestMs }: AcceptedWindow): string | undefined {
  if (atMs < oldestMs) return `is before ${new Date(oldestMs).toISOString()}, where retention begins`;
  if (atMs > newestMs) return `is after ${new Date(newestMs).toISOString()}, too far ahead`;
  return undefined;
}
