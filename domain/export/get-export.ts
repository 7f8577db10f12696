import { and, eq } from 'drizzle-orm';
import { type ExportRow, exports } from '../../db/tables/exports.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { notFound } from '../../errors/bulkhead-error.js';
import { requireUuid } from '../input/id.js';

/**
 * One export that the transaction may see.
 * @throws BulkheadError NOT_FOUND
 */
export async function getExport(tx: OrgTransaction, id: string): Promise<ExportRow> {
  const [row] = await tx.db
    .select()
    .from(exports)
    .where(and(eq(exports.orgId, tx.orgId), eq(exports.id, requireUuid(id, 'export'))));
  if (row === undefined) throw notFound('export');
  return row;
}
