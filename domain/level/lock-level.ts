import { and, eq } from 'drizzle-orm';
import { type LevelRow, levels } from '../../db/tables/places.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { requireChanged } from '../require-changed.js';
import { getLevel } from './get-level.js';
import { requireSiteWrite } from './lock-site.js';

/**
 * A level that the actor may write, locked until the transaction ends, so that of two changes at once neither undoes
 * what the other merged into it.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN
 */
export async function lockLevel(tx: OrgTransaction, id: string): Promise<LevelRow> {
  const level = await getLevel(tx, id);
  requireSiteWrite(tx, level.siteId, 'level');
  const rows = await tx.db
    .select()
    .from(levels)
    .where(and(eq(levels.orgId, tx.orgId), eq(levels.id, level.id)))
    .for('no key update');
  return requireChanged(rows, 'write', 'level');
}
