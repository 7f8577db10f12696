import type { OrgTransaction } from '../db/with-org.js';

/**
 * Counts a call that is too frequent for an entry of its own, by hour and actor.
 * @param amount what the call moved, e.g. frames
 */
export async function countUsage(tx: OrgTransaction, action: string, amount: number): Promise<void> {
  await tx.sql`select audit.count_usage(${action}, ${amount})`;
}
