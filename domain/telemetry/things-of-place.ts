import { and, asc, eq } from 'drizzle-orm';
import { things } from '../../db/tables/things.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { BulkheadError } from '../../errors/bulkhead-error.js';

/** Things whose readings one query takes together at most. */
export const maxThingsOfPlace = 5000;

/**
 * The things of a place that the transaction may see, by id.
 * @throws BulkheadError LIMIT_EXCEEDED above 5,000
 */
export async function thingsOfPlace(tx: OrgTransaction, placeId: string): Promise<{ id: string }[]> {
  const rows = await tx.db
    .select({ id: things.id })
    .from(things)
    .where(and(eq(things.orgId, tx.orgId), eq(things.placeId, placeId)))
    .orderBy(asc(things.id))
    .limit(maxThingsOfPlace + 1);
  requireFewThings(rows);
  return rows;
}

/**
 * Refuses a place that has too many.
 * @throws BulkheadError LIMIT_EXCEEDED above 5,000
 */
export function requireFewThings(found: readonly unknown[]): void {
  if (found.length <= maxThingsOfPlace) return;
  throw new BulkheadError(
    'LIMIT_EXCEEDED',
    `The place has more than ${maxThingsOfPlace} things: ask for them one by one`,
  );
}
