import { and, eq, inArray } from 'drizzle-orm';
import { mayAct } from '../../auth/authorize.js';
import { thingPath } from '../../auth/scopes/resource-path.js';
import { type ThingRow, things } from '../../db/tables/things.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { BulkheadError } from '../../errors/bulkhead-error.js';
import { requireUuid } from '../input/id.js';

/** A thing that readings are for, and where the input names it. */
export interface NamedThing {
  readonly id: string;
  /** Path of the input, e.g. `input.things[3].thingId`. */
  readonly field: string;
}

/**
 * The rows of things that readings may be written to; all of them, or nothing is written.
 * @throws BulkheadError NOT_FOUND for one that is not visible, FORBIDDEN for one that is and may not be written
 */
export async function writableThings(tx: OrgTransaction, named: readonly NamedThing[]): Promise<ThingRow[]> {
  const ids = named.map(({ id }) => requireUuid(id, 'thing'));
  const rows = await tx.db
    .select()
    .from(things)
    .where(and(eq(things.orgId, tx.orgId), inArray(things.id, [...new Set(ids)])));
  const byId = new Map(rows.map((row) => [row.id, row]));
  ids.forEach((id, index) => {
    const row = byId.get(id);
    const field = named[index]?.field ?? 'input';
    if (row === undefined) throw new BulkheadError('NOT_FOUND', 'thing not found', { field });
    const path = thingPath(row.placeType, row.placeId, row.thingTypeId, row.id);
    if (!mayAct(tx.identity, 'write', path)) {
      throw new BulkheadError('FORBIDDEN', 'The key may not write to this thing', { field });
    }
  });
  return rows;
}
