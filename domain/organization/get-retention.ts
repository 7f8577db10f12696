import type { OrgTransaction } from '../../db/with-org.js';
import { getOrganization } from './get-organization.js';

/** For how long telemetry is kept. */
export interface Retention {
  readonly days: number;
  /** The cut-off now, by the clock of the database. */
  readonly oldest: Date;
  /** Why the job removes nothing at the moment, and since when; null if nothing keeps it from it. */
  readonly refusal: 'CLOCK_AHEAD' | 'CLOCK_BEHIND' | 'TOO_MANY' | null;
  readonly refusedAt: Date | null;
}

/**
 * The retention of the organization.
 * @throws BulkheadError NOT_FOUND without a scope on the organization
 */
export async function getRetention(tx: OrgTransaction): Promise<Retention> {
  const { retentionDays } = await getOrganization(tx);
  const oldest = await cutoffOf(tx, retentionDays);
  const [state] = await tx.sql<{ refusal: Retention['refusal']; refusedMs: number | null }[]>`
    select refusal, (extract(epoch from refused_at) * 1000)::float8 as "refusedMs" from app.retention_states
    where org_id = ${tx.orgId}`;
  const refusedMs = state?.refusedMs ?? null;
  return {
    days: retentionDays,
    oldest,
    refusal: state?.refusal ?? null,
    refusedAt: refusedMs === null ? null : new Date(refusedMs),
  };
}

/** The moment so many days ago, by the clock of the database. */
export async function cutoffOf(tx: OrgTransaction, days: number): Promise<Date> {
  const [clock] = await tx.sql<{ ms: number }[]>`
    select floor(extract(epoch from clock_timestamp() - make_interval(days => ${days}::int)) * 1000)::float8 as ms`;
  if (clock === undefined) throw new Error('the database has no clock');
  return new Date(clock.ms);
}
