import { and, eq } from 'drizzle-orm';
import { requireAction } from '../../auth/authorize.js';
import { type ThingRow, things } from '../../db/tables/things.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { requireUuid } from '../input/id.js';
import { lockRow } from '../lock-row.js';
import { getThing } from './get-thing.js';
import { pathOfThing } from './path-of-thing.js';

/**
 * A thing that the actor may write, locked until the transaction ends, so that of two changes at once neither undoes
 * what the other merged into it.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN
 */
export async function lockThing(tx: OrgTransaction, id: string): Promise<ThingRow> {
  return lockRow(
    tx.db
      .select()
      .from(things)
      .where(and(eq(things.orgId, tx.orgId), eq(things.id, requireUuid(id, 'thing'))))
      .for('no key update'),
    () => getThing(tx, id),
    (thing) => requireAction(tx.identity, 'write', pathOfThing(thing), 'thing'),
    'thing',
  );
}
