import { and, eq } from 'drizzle-orm';
import { monitors } from '../../db/tables/monitors.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { requireChanged } from '../require-changed.js';
import { lockMonitor } from './lock-monitor.js';
import { storedRule } from './stored-rule.js';
import type { MonitorBefore } from './update-monitor.js';

/**
 * Deletes a monitor with its events and answers what it was.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN
 */
export async function deleteMonitor(tx: OrgTransaction, id: string): Promise<MonitorBefore> {
  const monitor = await lockMonitor(tx, id);
  const before = { ...monitor, rule: await storedRule(tx, monitor) };
  const rows = await tx.db
    .delete(monitors)
    .where(and(eq(monitors.orgId, tx.orgId), eq(monitors.id, monitor.id)))
    .returning({ id: monitors.id });
  requireChanged(rows, 'write', 'monitor');
  return before;
}
