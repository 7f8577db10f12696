import { and, eq } from 'drizzle-orm';
import { type LevelTypeRow, levelTypes } from '../../db/tables/places.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { requireChanged } from '../require-changed.js';
import { getLevelType } from './get-level-type.js';
import { requireSiteWrite } from './lock-site.js';

/**
 * Deletes a level type that no level has and no other type names as parent, and answers what it was.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN, CONFLICT
 */
export async function deleteLevelType(tx: OrgTransaction, id: string): Promise<LevelTypeRow> {
  const type = await getLevelType(tx, id);
  requireSiteWrite(tx, type.siteId, 'level type');
  const rows = await tx.db
    .delete(levelTypes)
    .where(and(eq(levelTypes.orgId, tx.orgId), eq(levelTypes.id, type.id)))
    .returning({ id: levelTypes.id });
  requireChanged(rows, 'write', 'level type');
  return type;
}
