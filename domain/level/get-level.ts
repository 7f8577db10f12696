import { and, eq } from 'drizzle-orm';
import { type LevelRow, levels } from '../../db/tables/places.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { notFound } from '../../errors/bulkhead-error.js';
import { requireUuid } from '../input/id.js';

/**
 * One level that the transaction may see.
 * @throws BulkheadError NOT_FOUND
 */
export async function getLevel(tx: OrgTransaction, id: string): Promise<LevelRow> {
  const [level] = await tx.db
    .select()
    .from(levels)
    .where(and(eq(levels.orgId, tx.orgId), eq(levels.id, requireUuid(id, 'level'))));
  if (level === undefined) throw notFound('level');
  return level;
}
