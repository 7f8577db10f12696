import { and, eq } from 'drizzle-orm';
import { type LevelGroupRow, levelGroups } from '../../db/tables/places.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { notFound } from '../../errors/bulkhead-error.js';
import { requireUuid } from '../input/id.js';

/**
 * One level group that the transaction may see.
 * @throws BulkheadError NOT_FOUND
 */
export async function getLevelGroup(tx: OrgTransaction, id: string): Promise<LevelGroupRow> {
  const [group] = await tx.db
    .select()
    .from(levelGroups)
    .where(and(eq(levelGroups.orgId, tx.orgId), eq(levelGroups.id, requireUuid(id, 'level group'))));
  if (group === undefined) throw notFound('level group');
  return group;
}
