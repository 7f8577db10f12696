import { and, eq, inArray, sql } from 'drizzle-orm';
import { requireAction } from '../../auth/authorize.js';
import { organizationPath } from '../../auth/scopes/resource-path.js';
import { type ExportRow, exports } from '../../db/tables/exports.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { enqueueJob } from '../../jobs/enqueue-job.js';
import { getExport } from './get-export.js';

/**
 * Ends an export: one under way stops, an archive that can be fetched no longer can and is removed. One that has ended
 * is left as it is.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN
 */
export async function cancelExport(tx: OrgTransaction, id: string): Promise<{ before: ExportRow; after: ExportRow }> {
  const before = await getExport(tx, id);
  requireAction(tx.identity, 'admin', organizationPath(tx.orgId), 'organization');
  const [after] = await tx.db
    .update(exports)
    .set({ state: 'CANCELLED', endedAt: sql`now()`, downloadId: null, claimedUntil: null })
    .where(
      and(
        eq(exports.orgId, tx.orgId),
        eq(exports.id, before.id),
        inArray(exports.state, ['REQUESTED', 'RUNNING', 'READY']),
      ),
    )
    .returning();
  if (after === undefined) return { before, after: await getExport(tx, id) };
  await enqueueJob(tx, 'removeArchive', { exportId: before.id });
  return { before, after };
}
