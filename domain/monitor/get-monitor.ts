import { and, eq } from 'drizzle-orm';
import { type MonitorRow, monitors } from '../../db/tables/monitors.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { notFound } from '../../errors/bulkhead-error.js';
import { requireUuid } from '../input/id.js';

/**
 * One monitor that the transaction may see.
 * @throws BulkheadError NOT_FOUND
 */
export async function getMonitor(tx: OrgTransaction, id: string): Promise<MonitorRow> {
  const [monitor] = await tx.db
    .select()
    .from(monitors)
    .where(and(eq(monitors.orgId, tx.orgId), eq(monitors.id, requireUuid(id, 'monitor'))));
  if (monitor === undefined) throw notFound('monitor');
  return monitor;
}
