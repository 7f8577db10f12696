import { and, eq } from 'drizzle-orm';
import { type ThingRow, things } from '../../db/tables/things.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { notFound } from '../../errors/bulkhead-error.js';
import { requireUuid } from '../input/id.js';

/**
 * One thing that the transaction may see.
 * @throws BulkheadError NOT_FOUND
 */
export async function getThing(tx: OrgTransaction, id: string): Promise<ThingRow> {
  const [thing] = await tx.db
    .select()
    .from(things)
    .where(and(eq(things.orgId, tx.orgId), eq(things.id, requireUuid(id, 'thing'))));
  if (thing === undefined) throw notFound('thing');
  return thing;
}
