import { and, eq } from 'drizzle-orm';
import { requireAction } from '../../auth/authorize.js';
import { monitorPath } from '../../auth/scopes/resource-path.js';
import { type MonitorRow, monitors } from '../../db/tables/monitors.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { requireUuid } from '../input/id.js';
import { lockRow } from '../lock-row.js';
import { getMonitor } from './get-monitor.js';

/**
 * A monitor that the actor may write, locked until the transaction ends: no tick is recorded meanwhile.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN
 */
export async function lockMonitor(tx: OrgTransaction, id: string): Promise<MonitorRow> {
  return lockRow(
    tx.db
      .select()
      .from(monitors)
      .where(and(eq(monitors.orgId, tx.orgId), eq(monitors.id, requireUuid(id, 'monitor'))))
      .for('no key update'),
    () => getMonitor(tx, id),
    (monitor) => requireAction(tx.identity, 'write', monitorPath(monitor.id), 'monitor'),
    'monitor',
  );
}
