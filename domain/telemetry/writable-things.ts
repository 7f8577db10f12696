import { mayAct } from '../../auth/authorize.js';
import { thingPath } from '../../auth/scopes/resource-path.js';
import { arrayLiteral } from '../../db/array-literal.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { BulkheadError } from '../../errors/bulkhead-error.js';
import { requireUuid } from '../input/id.js';

/** A thing that readings are for, and where the input names it. */
export interface NamedThing {
  readonly id: string;
  /** Path of the input, e.g. `input.things[3].thingId`. */
  readonly field: string;
}

interface PlacedThing {
  readonly id: string;
  readonly place_type: 'Site' | 'Fleet';
  readonly place_id: string;
  readonly thing_type_id: string;
}

/**
 * The things that readings may be written to; all of them, or nothing is written.
 * @throws BulkheadError NOT_FOUND for one that is not visible, FORBIDDEN for one that is and may not be written
 */
export async function writableThings(
  tx: OrgTransaction,
  named: readonly NamedThing[],
): Promise<readonly { readonly id: string }[]> {
  const ids = named.map(({ id }) => requireUuid(id, 'thing'));
  const rows = await tx.sql<PlacedThing[]>`
    select id, place_type, place_id, thing_type_id from app.things
    where org_id = ${tx.orgId} and id = any (${arrayLiteral([...new Set(ids)])}::uuid[])`;
  const byId = new Map(rows.map((row) => [row.id, row]));
  ids.forEach((id, index) => {
    const row = byId.get(id);
    const field = named[index]?.field ?? 'input';
    if (row === undefined) throw new BulkheadError('NOT_FOUND', 'thing not found', { field });
    const path = thingPath(row.place_type, row.place_id, row.thing_type_id, row.id);
    if (!mayAct(tx.identity, 'write', path)) {
      throw new BulkheadError('FORBIDDEN', 'The key may not write to this thing', { field });
    }
  });
  return rows;
}
