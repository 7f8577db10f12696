import { and, asc, eq, inArray, isNull, or } from 'drizzle-orm';
import { type AlertEventRow, alertEvents } from '../../db/tables/monitors.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { BulkheadError } from '../../errors/bulkhead-error.js';

/** Open alerts of one place that are told at a time. */
const maxAlerts = 1000;

/**
 * The open alerts of a place, and of some others what became of them, oldest first; of monitors that the reader may see.
 * @param known ids of events that were open before
 * @throws BulkheadError LIMIT_EXCEEDED above 1,000
 */
export async function alertsOfPlace(
  tx: OrgTransaction,
  placeId: string,
  known: readonly string[],
): Promise<AlertEventRow[]> {
  const isWanted = or(isNull(alertEvents.clearedAt), inArray(alertEvents.id, [...known]));
  const rows = await tx.db
    .select()
    .from(alertEvents)
    .where(and(eq(alertEvents.orgId, tx.orgId), eq(alertEvents.placeId, placeId), isWanted))
    .orderBy(asc(alertEvents.id))
    .limit(2 * maxAlerts + 1);
  if (rows.filter(({ clearedAt }) => clearedAt === null).length > maxAlerts) {
    throw new BulkheadError('LIMIT_EXCEEDED', `The place has more than ${maxAlerts} open alerts: list them by pages`);
  }
  return rows;
}
