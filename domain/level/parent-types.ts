import { and, asc, eq, inArray } from 'drizzle-orm';
import { validate } from 'uuid';
import { type LevelTypeRow, levelTypeParents, levelTypes } from '../../db/tables/places.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { invalidInput } from '../../errors/bulkhead-error.js';

/** Level types of one site at most; so many can be parents of one type. */
export const maxLevelTypes = 50;

/** Ids of the types that a level type allows as parents; none for the type of the root level. */
export async function parentTypeIds(tx: OrgTransaction, levelTypeId: string): Promise<string[]> {
  const rows = await tx.db
    .select({ id: levelTypeParents.parentTypeId })
    .from(levelTypeParents)
    .where(and(eq(levelTypeParents.orgId, tx.orgId), eq(levelTypeParents.levelTypeId, levelTypeId)))
    .orderBy(asc(levelTypeParents.parentTypeId));
  return rows.map((row) => row.id);
}

/**
 * The ids without repetitions, each of a level type of the site.
 * @throws BulkheadError BAD_USER_INPUT
 */
export async function requireParentTypes(
  tx: OrgTransaction,
  siteId: string,
  ids: readonly string[],
): Promise<string[]> {
  const field = 'input.allowedParentTypeIds';
  const wanted = [...new Set(ids.map((id) => id.toLowerCase()))];
  if (wanted.length > maxLevelTypes) throw invalidInput(field, `must have at most ${maxLevelTypes} entries`);
  const possible = wanted.filter((id) => validate(id));
  const rows = await tx.db
    .select({ id: levelTypes.id })
    .from(levelTypes)
    .where(and(eq(levelTypes.orgId, tx.orgId), eq(levelTypes.siteId, siteId), inArray(levelTypes.id, possible)));
  const known = new Set(rows.map((row) => row.id));
  const index = ids.findIndex((id) => !known.has(id.toLowerCase()));
  if (index >= 0) throw invalidInput(`${field}[${index}]`, 'is not a level type of the site');
  return wanted;
}

/** Makes the allowed parents of a level type exactly these; the site is locked and the ids are checked. */
export async function replaceParentTypes(
  tx: OrgTransaction,
  type: Pick<LevelTypeRow, 'siteId' | 'id'>,
  ids: readonly string[],
): Promise<void> {
  await tx.db
    .delete(levelTypeParents)
    .where(and(eq(levelTypeParents.orgId, tx.orgId), eq(levelTypeParents.levelTypeId, type.id)));
  if (ids.length === 0) return;
  const { orgId } = tx;
  await tx.db
    .insert(levelTypeParents)
    .values(ids.map((parentTypeId) => ({ orgId, siteId: type.siteId, levelTypeId: type.id, parentTypeId })));
}
