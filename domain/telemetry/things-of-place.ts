import { and, eq } from 'drizzle-orm';
import { things } from '../../db/tables/things.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { BulkheadError } from '../../errors/bulkhead-error.js';

/** Things whose readings one query takes together at most. */
const maxThings = 5000;

/**
 * The things of a place that the transaction may see.
 * @throws BulkheadError LIMIT_EXCEEDED above 5,000
 */
export async function thingsOfPlace(tx: OrgTransaction, placeId: string): Promise<{ id: string }[]> {
  const rows = await tx.db
    .select({ id: things.id })
    .from(things)
    .where(and(eq(things.orgId, tx.orgId), eq(things.placeId, placeId)))
    .limit(maxThings + 1);
  if (rows.length > maxThings) {
    throw new BulkheadError('LIMIT_EXCEEDED', `The place has more than ${maxThings} things: ask for them one by one`);
  }
  return rows;
}
