import type { OrgTransaction } from '../../db/with-org.js';

/**
 * Puts in order, until the transaction ends, the changes of one organization that decide which metrics its active thing
 * types hold: else a metric could be deleted while another request gives it to a type. Row locks cannot do this, since
 * a key that changes a type need not be allowed to touch the metrics.
 *
 * Take it after the rows to change are locked, and then wait for no other row.
 * @throws BulkheadError UNAVAILABLE after the lock timeout of the role
 */
export async function lockDefinitions(tx: OrgTransaction): Promise<void> {
  await tx.sql`select pg_advisory_xact_lock(hashtextextended(${`bulkhead:definitions:${tx.orgId}`}, 0))`;
}
