import type { Database } from '../db/database.js';
import { isReachable } from '../db/is-reachable.js';
import type { PlannedReadCounts } from '../plan/planned-reads.js';
import { measurePools } from '../signals/measure-pools.js';
import type { ProcessMetrics } from '../signals/process-metrics.js';
import type { LiveCounts } from './live/live-connections.js';

/** What a gateway counts by itself. */
export interface GatewayParts {
  readonly operational: Database;
  readonly vaultDatabase: Database;
  readonly plannedReads: { readonly counts: PlannedReadCounts };
  readonly live: { readonly counts: LiveCounts };
}

/** Has all that a gateway counts by itself among its metrics. */
export function measureGateway(
  metrics: ProcessMetrics,
  { operational, vaultDatabase, plannedReads, live }: GatewayParts,
) {
  metrics.measureProcess();
  measurePools(metrics, { operational, vault: vaultDatabase });
  metrics.onLook(async () => {
    metrics.set('bulkhead_database_up', [[{}, (await isReachable(operational)) ? 1 : 0]]);
  });
  metrics.onLook(() => {
    const { planned, fallback } = plannedReads.counts;
    metrics.set('bulkhead_planned_reads_total', [[{}, planned]]);
    metrics.set('bulkhead_resolved_reads_total', labelled('reason', fallback));
    const { connections, subscriptions, events, ended } = live.counts;
    metrics.set('bulkhead_live_connections', labelled('transport', connections));
    metrics.set('bulkhead_live_subscriptions', [[{}, subscriptions]]);
    metrics.set('bulkhead_live_events_total', [[{}, events]]);
    metrics.set('bulkhead_live_ended_total', labelled('reason', ended));
  });
}

function labelled(label: string, counts: Readonly<Record<string, number>>) {
  return Object.entries(counts).map(([value, count]) => [{ [label]: value }, count] as const);
}
