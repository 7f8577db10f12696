import { requireAction } from '../../auth/authorize.js';
import { monitorPath } from '../../auth/scopes/resource-path.js';
import { type MonitorRow, monitors } from '../../db/tables/monitors.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { requireUuid } from '../input/id.js';
import { lockRow } from '../lock-row.js';
import type { WritableRows } from '../writable-rows.js';
import { getMonitor } from './get-monitor.js';

/** Monitors to be changed. */
export const writableMonitors: WritableRows<typeof monitors> = {
  noun: 'monitor',
  table: monitors,
  key: (id) => ({ id: requireUuid(id, 'monitor') }),
  read: getMonitor,
  decide: (tx, monitor) => requireAction(tx.identity, 'write', monitorPath(monitor.id), 'monitor'),
};

/**
 * A monitor that the actor may write, locked until the transaction ends: no tick is recorded meanwhile.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN
 */
export function lockMonitor(tx: OrgTransaction, id: string): Promise<MonitorRow> {
  return lockRow(tx, writableMonitors, id);
}
