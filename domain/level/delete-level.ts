import { and, eq } from 'drizzle-orm';
import { type LevelRow, levels } from '../../db/tables/places.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { refuseDependants } from '../refuse-dependants.js';
import { requireChanged } from '../require-changed.js';
import { getLevel } from './get-level.js';
import { requireSiteWrite } from './lock-site.js';

/**
 * Deletes a level that holds nothing, also from its groups, and answers what it was.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN, CONFLICT with the dependants
 */
export async function deleteLevel(tx: OrgTransaction, id: string): Promise<LevelRow> {
  const level = await getLevel(tx, id);
  requireSiteWrite(tx, level.siteId, 'level');
  const [dependants] = await tx.sql<{ things: string; levels: string }[]>`
    select things, levels from app.level_dependants(${level.id})`;
  refuseDependants('level', { levels: dependants?.levels, things: dependants?.things });
  const rows = await tx.db
    .delete(levels)
    .where(and(eq(levels.orgId, tx.orgId), eq(levels.id, level.id)))
    .returning({ id: levels.id });
  requireChanged(rows, 'write', 'level');
  return level;
}
