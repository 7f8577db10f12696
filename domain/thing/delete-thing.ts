import { and, eq } from 'drizzle-orm';
import { type ThingRow, things } from '../../db/tables/things.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { requireChanged } from '../require-changed.js';
import { lockThing } from './lock-thing.js';

/**
 * Deletes the row of a thing and answers what it was. Its telemetry is in another database: see the resolver.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN
 */
export async function deleteThing(tx: OrgTransaction, id: string): Promise<ThingRow> {
  const thing = await lockThing(tx, id);
  const rows = await tx.db
    .delete(things)
    .where(and(eq(things.orgId, tx.orgId), eq(things.id, thing.id)))
    .returning({ id: things.id });
  requireChanged(rows, 'write', 'thing');
  return thing;
}
