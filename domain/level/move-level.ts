import { and, eq } from 'drizzle-orm';
import { type LevelRow, levels } from '../../db/tables/places.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { invalidInput } from '../../errors/bulkhead-error.js';
import { requireChanged } from '../require-changed.js';
import { getLevel } from './get-level.js';
import { heightOf } from './level-tree.js';
import { lockSite } from './lock-site.js';
import { requireParent } from './require-parent.js';

/**
 * Moves a level, with all below it, under another parent of its site and answers it before and after. The root level
 * has no place to go: its type allows no parent.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN, BAD_USER_INPUT for a parent that the type does not allow, that lies below
 * the level, or under which the tree would be deeper than 20 levels
 */
export async function moveLevel(
  tx: OrgTransaction,
  id: string,
  parentId: string,
): Promise<{ before: LevelRow; after: LevelRow }> {
  const { siteId } = await getLevel(tx, id);
  await lockSite(tx, siteId, 'level');
  const before = await getLevel(tx, id);
  const parent = await requireParent(tx, { ...before, height: await heightOf(tx, before.id) }, parentId);
  if (parent?.ids.includes(before.id)) throw invalidInput('input.parentId', 'is the level itself or lies below it');
  const rows = await tx.db
    .update(levels)
    .set({ parentId: parent?.level.id, updatedAt: new Date(), updatedBy: tx.identity.actor.id })
    .where(and(eq(levels.orgId, tx.orgId), eq(levels.id, before.id)))
    .returning();
  return { before, after: requireChanged(rows, 'write', 'level') };
}
