import { and, eq } from 'drizzle-orm';
import { type LevelTypeRow, levelTypes } from '../../db/tables/places.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { notFound } from '../../errors/bulkhead-error.js';
import { requireUuid } from '../input/id.js';

/**
 * One level type that the transaction may see.
 * @throws BulkheadError NOT_FOUND
 */
export async function getLevelType(tx: OrgTransaction, id: string): Promise<LevelTypeRow> {
  const [type] = await tx.db
    .select()
    .from(levelTypes)
    .where(and(eq(levelTypes.orgId, tx.orgId), eq(levelTypes.id, requireUuid(id, 'level type'))));
  if (type === undefined) throw notFound('level type');
  return type;
}
