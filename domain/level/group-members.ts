import { and, asc, eq, inArray } from 'drizzle-orm';
import { validate } from 'uuid';
import { type LevelGroupRow, levelGroupMembers, levels } from '../../db/tables/places.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { invalidInput } from '../../errors/bulkhead-error.js';

/** Levels of one group at most. */
const maxMembers = 500;

/** Ids of the levels of a group. */
export async function memberIds(tx: OrgTransaction, groupId: string): Promise<string[]> {
  const rows = await tx.db
    .select({ id: levelGroupMembers.levelId })
    .from(levelGroupMembers)
    .where(and(eq(levelGroupMembers.orgId, tx.orgId), eq(levelGroupMembers.levelGroupId, groupId)))
    .orderBy(asc(levelGroupMembers.levelId));
  return rows.map((row) => row.id);
}

/**
 * The ids without repetitions, each of a level of the site.
 * @throws BulkheadError BAD_USER_INPUT
 */
export async function requireMembers(tx: OrgTransaction, siteId: string, ids: readonly string[]): Promise<string[]> {
  const field = 'input.levelIds';
  const wanted = [...new Set(ids.map((id) => id.toLowerCase()))];
  if (wanted.length > maxMembers) throw invalidInput(field, `must have at most ${maxMembers} entries`);
  const possible = wanted.filter((id) => validate(id));
  const rows = await tx.db
    .select({ id: levels.id })
    .from(levels)
    .where(and(eq(levels.orgId, tx.orgId), eq(levels.siteId, siteId), inArray(levels.id, possible)));
  const known = new Set(rows.map((row) => row.id));
  const index = ids.findIndex((id) => !known.has(id.toLowerCase()));
  if (index >= 0) throw invalidInput(`${field}[${index}]`, 'is not a level of the site');
  return wanted;
}

/** Makes the levels of a group exactly these; the group is locked or new, and the ids are checked. */
export async function replaceMembers(
  tx: OrgTransaction,
  group: Pick<LevelGroupRow, 'siteId' | 'id'>,
  ids: readonly string[],
): Promise<void> {
  await tx.db
    .delete(levelGroupMembers)
    .where(and(eq(levelGroupMembers.orgId, tx.orgId), eq(levelGroupMembers.levelGroupId, group.id)));
  if (ids.length === 0) return;
  const { orgId } = tx;
  await tx.db
    .insert(levelGroupMembers)
    .values(ids.map((levelId) => ({ orgId, siteId: group.siteId, levelGroupId: group.id, levelId })));
}
