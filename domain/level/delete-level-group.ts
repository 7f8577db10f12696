import { and, eq } from 'drizzle-orm';
import { type LevelGroupRow, levelGroups } from '../../db/tables/places.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { requireChanged } from '../require-changed.js';
import { getLevelGroup } from './get-level-group.js';
import { requireSiteWrite } from './lock-site.js';

/**
 * Deletes a level group, whose levels stay, and answers what it was.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN
 */
export async function deleteLevelGroup(tx: OrgTransaction, id: string): Promise<LevelGroupRow> {
  const group = await getLevelGroup(tx, id);
  requireSiteWrite(tx, group.siteId, 'level group');
  const rows = await tx.db
    .delete(levelGroups)
    .where(and(eq(levelGroups.orgId, tx.orgId), eq(levelGroups.id, group.id)))
    .returning({ id: levelGroups.id });
  requireChanged(rows, 'write', 'level group');
  return group;
}
