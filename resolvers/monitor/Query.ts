import type { AlertEventRow, MonitorRow } from '../../db/tables/monitors.js';
import { withOrg } from '../../db/with-org.js';
import { alertEventList } from '../../domain/monitor/alert-event-list.js';
import { getMonitor } from '../../domain/monitor/get-monitor.js';
import { monitorList } from '../../domain/monitor/monitor-list.js';
import { readPage } from '../../domain/read-page.js';
import type { QueryResolvers } from '../types.generated.js';

/** Queries of monitors and of the alerts that tripped. */
export const Query = {
  monitors: (_root, { first, after, ...filter }, { operational, identity }) =>
    readPage<MonitorRow>(operational, identity, monitorList(filter), { first, after }),
  monitor: (_root, { id }, { operational, identity }) =>
    withOrg(operational, identity, 'read', (tx) => getMonitor(tx, id)),
  alertEvents: (_root, { first, after, filter }, { operational, identity }) =>
    readPage<AlertEventRow>(operational, identity, alertEventList(filter ?? {}), { first, after }),
} satisfies QueryResolvers;
