import { and, eq, sql } from 'drizzle-orm';
import { monitors } from '../../db/tables/monitors.js';
import { withOrg } from '../../db/with-org.js';
import type { MonitorStores } from './evaluate-monitor.js';

/**
 * Notes why the last tick of a monitor could not be evaluated; the next tick tries again. What it found before stays, and
 * nothing of it is decided.
 */
export async function recordFailure(
  { operational, identity }: MonitorStores,
  monitorId: string,
  reason: string,
): Promise<void> {
  await withOrg(operational, identity, 'write', (tx) =>
    tx.db
      .update(monitors)
      .set({
        failure: reason.slice(0, 500),
        health: 'UNKNOWN',
        nextEvaluationAt: sql`date_bin(make_interval(mins => ${monitors.frequencyMinutes}), now(), 'epoch')
                              + make_interval(mins => ${monitors.frequencyMinutes})`,
      })
      .where(and(eq(monitors.orgId, tx.orgId), eq(monitors.id, monitorId))),
  );
}
