import type { Database } from '../db/database.js';
import { poolCounts } from '../db/pool-counts.js';
import type { ProcessMetrics } from './process-metrics.js';

/** Measures the connections of databases at each look, under the given names. */
export function measurePools(metrics: ProcessMetrics, databases: Readonly<Record<string, Database>>): void {
  metrics.onLook(() => {
    const counts = Object.entries(databases).map(([pool, database]) => ({ pool, ...poolCounts(database) }));
    metrics.set(
      'bulkhead_pool_connections',
      counts.flatMap(({ pool, used, free }) => [
        [{ pool, state: 'used' }, used] as const,
        [{ pool, state: 'free' }, free],
      ]),
    );
    metrics.set(
      'bulkhead_pool_limit',
      counts.map(({ pool, limit }) => [{ pool }, limit]),
    );
    metrics.set(
      'bulkhead_pool_waiting',
      counts.map(({ pool, waiting }) => [{ pool }, waiting]),
    );
  });
}
