import { and, eq } from 'drizzle-orm';
import { type LevelGroupRow, levelGroups } from '../../db/tables/places.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { invalidInput } from '../../errors/bulkhead-error.js';
import { requireText } from '../input/text.js';
import { requireChanged } from '../require-changed.js';
import { getLevelGroup } from './get-level-group.js';
import { memberIds, replaceMembers, requireMembers } from './group-members.js';
import { requireSiteWrite } from './lock-site.js';

/** Fields of a level group to change: absent stays. */
export interface LevelGroupChange {
  readonly id: string;
  readonly name?: string | null | undefined;
  readonly levelIds?: readonly string[] | null | undefined;
}

/** A level group as the audit log keeps it: with its levels where these were changed. */
export type LevelGroupBefore = LevelGroupRow & { readonly levelIds?: readonly string[] };

/**
 * Changes a level group and answers it before and after.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN, BAD_USER_INPUT, CONFLICT for a name in use
 */
export async function updateLevelGroup(
  tx: OrgTransaction,
  input: LevelGroupChange,
): Promise<{ before: LevelGroupBefore; after: LevelGroupRow }> {
  const before = await getLevelGroup(tx, input.id);
  requireSiteWrite(tx, before.siteId, 'level group');
  if (input.levelIds === null) throw invalidInput('input.levelIds', 'must not be null');
  const levelIds = input.levelIds === undefined ? undefined : await requireMembers(tx, before.siteId, input.levelIds);
  const rows = await tx.db
    .update(levelGroups)
    .set({
      ...(input.name === undefined ? {} : { name: requireText('input.name', input.name, { max: 200 }) }),
      updatedAt: new Date(),
      updatedBy: tx.identity.actor.id,
    })
    .where(and(eq(levelGroups.orgId, tx.orgId), eq(levelGroups.id, before.id)))
    .returning();
  const after = requireChanged(rows, 'write', 'level group');
  if (levelIds === undefined) return { before, after };
  const levelIdsBefore = await memberIds(tx, before.id);
  await replaceMembers(tx, before, levelIds);
  return { before: { ...before, levelIds: levelIdsBefore }, after };
}
