import { and, eq } from 'drizzle-orm';
import { type LevelRow, levels } from '../../db/tables/places.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { requireUuid } from '../input/id.js';
import { lockRow } from '../lock-row.js';
import { getLevel } from './get-level.js';
import { requireSiteWrite } from './lock-site.js';

/**
 * A level that the actor may write, locked until the transaction ends, so that of two changes at once neither undoes
 * what the other merged into it.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN
 */
export async function lockLevel(tx: OrgTransaction, id: string): Promise<LevelRow> {
  return lockRow(
    tx.db
      .select()
      .from(levels)
      .where(and(eq(levels.orgId, tx.orgId), eq(levels.id, requireUuid(id, 'level'))))
      .for('no key update'),
    () => getLevel(tx, id),
    (level) => requireSiteWrite(tx, level.siteId, 'level'),
    'level',
  );
}
