import { and, eq } from 'drizzle-orm';
import { type MonitorRow, monitors } from '../../db/tables/monitors.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { requireChanged } from '../require-changed.js';
import { clearFindings } from './clear-findings.js';
import { lockMonitor } from './lock-monitor.js';
import { nextTick } from './next-tick.js';

/**
 * Switches a monitor on or off, at once. Off ends its open alerts; on begins with its next tick.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN
 */
export async function setMonitorEnabled(
  tx: OrgTransaction,
  id: string,
  isEnabled: boolean,
): Promise<{ before: MonitorRow; after: MonitorRow }> {
  const before = await lockMonitor(tx, id);
  if (before.isEnabled === isEnabled) return { before, after: before };
  if (!isEnabled) await clearFindings(tx, before.id, 'MONITOR_DISABLED');
  const rows = await tx.db
    .update(monitors)
    .set({
      isEnabled,
      health: 'UNKNOWN',
      dataState: 'NO_DATA',
      failure: null,
      nextEvaluationAt: nextTick(before.frequencyMinutes),
      updatedAt: new Date(),
      updatedBy: tx.identity.actor.id,
    })
    .where(and(eq(monitors.orgId, tx.orgId), eq(monitors.id, before.id)))
    .returning();
  return { before, after: requireChanged(rows, 'write', 'monitor') };
}
