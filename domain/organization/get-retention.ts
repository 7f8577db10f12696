import type { OrgTransaction } from '../../db/with-org.js';
import { getOrganization } from './get-organization.js';

/** For how long telemetry is kept. */
export interface Retention {
  readonly days: number;
  /** The cut-off now, by the clock of the database. */
  readonly oldest: Date;
}

/**
 * The retention of the organization.
 * @throws BulkheadError NOT_FOUND without a scope on the organization
 */
export async function getRetention(tx: OrgTransaction): Promise<Retention> {
  const { retentionDays } = await getOrganization(tx);
  const [window] = await tx.sql<{ oldest_ms: string }[]>`select oldest_ms from platform.telemetry_window()`;
  if (window === undefined) throw new Error('the organization has no telemetry window');
  return { days: retentionDays, oldest: new Date(Number(window.oldest_ms)) };
}
