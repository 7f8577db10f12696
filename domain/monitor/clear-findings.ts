import { and, eq, isNull, sql } from 'drizzle-orm';
import { type AlertEventRow, alertEvents, monitorStates } from '../../db/tables/monitors.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { publishAlerts } from './publish-alerts.js';

/** Forgets what the ticks of a monitor have found so far, and clears its open alerts. */
export async function clearFindings(
  tx: OrgTransaction,
  monitorId: string,
  clearedReason: NonNullable<AlertEventRow['clearedReason']>,
): Promise<void> {
  await tx.db
    .delete(monitorStates)
    .where(and(eq(monitorStates.orgId, tx.orgId), eq(monitorStates.monitorId, monitorId)));
  const cleared = await tx.db
    .update(alertEvents)
    .set({ clearedAt: sql`now()`, clearedReason })
    .where(and(eq(alertEvents.orgId, tx.orgId), eq(alertEvents.monitorId, monitorId), isNull(alertEvents.clearedAt)))
    .returning({ placeId: alertEvents.placeId });
  await publishAlerts(tx, cleared);
}
