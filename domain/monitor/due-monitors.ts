import { and, asc, eq, lte, sql } from 'drizzle-orm';
import { monitors } from '../../db/tables/monitors.js';
import { withOrg } from '../../db/with-org.js';
import type { MonitorStores } from './evaluate-monitor.js';

/** Ids of the monitors of an organization whose tick has come, the one that has waited longest first. */
export async function dueMonitors({ operational, identity }: MonitorStores): Promise<string[]> {
  const rows = await withOrg(operational, identity, 'read', (tx) =>
    tx.db
      .select({ id: monitors.id })
      .from(monitors)
      .where(
        and(
          eq(monitors.orgId, tx.orgId),
          eq(monitors.isEnabled, true),
          lte(monitors.nextEvaluationAt, sql`clock_timestamp()`),
        ),
      )
      .orderBy(asc(monitors.nextEvaluationAt), asc(monitors.id)),
  );
  return rows.map(({ id }) => id);
}
