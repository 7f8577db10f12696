import { and, eq, isNotNull, isNull, notInArray, or, type SQL } from 'drizzle-orm';
import { alias, type PgColumn } from 'drizzle-orm/pg-core';
import { type LevelTypeRow, levels, levelTypes } from '../../db/tables/places.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { BulkheadError, invalidInput } from '../../errors/bulkhead-error.js';
import { requireText } from '../input/text.js';
import { requireChanged } from '../require-changed.js';
import { getLevelType } from './get-level-type.js';
import { lockSite } from './lock-site.js';
import { parentTypeIds, replaceParentTypes, requireParentTypes } from './parent-types.js';

/** Fields of a level type to change: absent stays. */
export interface LevelTypeChange {
  readonly id: string;
  readonly name?: string | null | undefined;
  readonly allowedParentTypeIds?: readonly string[] | null | undefined;
}

/** A level type as the audit log keeps it. */
export type LevelTypeBefore = LevelTypeRow & { readonly allowedParentTypeIds: readonly string[] };

/**
 * Changes a level type and answers it before and after.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN, BAD_USER_INPUT, CONFLICT for a name in use or where levels of the type
 * would have a parent, or a place at the root, that it no longer allows
 */
export async function updateLevelType(
  tx: OrgTransaction,
  input: LevelTypeChange,
): Promise<{ before: LevelTypeBefore; after: LevelTypeRow }> {
  const { siteId } = await getLevelType(tx, input.id);
  await lockSite(tx, siteId, 'level type');
  const type = await getLevelType(tx, input.id);
  const before = { ...type, allowedParentTypeIds: await parentTypeIds(tx, type.id) };
  const name = input.name === undefined ? undefined : requireText('input.name', input.name, { max: 100 });
  const allowed = await changedParentTypes(tx, type, input.allowedParentTypeIds);
  const rows = await tx.db
    .update(levelTypes)
    .set({ ...(name === undefined ? {} : { name }), updatedAt: new Date(), updatedBy: tx.identity.actor.id })
    .where(and(eq(levelTypes.orgId, tx.orgId), eq(levelTypes.id, type.id)))
    .returning();
  const after = requireChanged(rows, 'write', 'level type');
  if (allowed !== undefined) await replaceParentTypes(tx, type, allowed);
  return { before, after };
}

async function changedParentTypes(
  tx: OrgTransaction,
  type: LevelTypeRow,
  ids: readonly string[] | null | undefined,
): Promise<string[] | undefined> {
  if (ids === undefined) return undefined;
  if (ids === null) throw invalidInput('input.allowedParentTypeIds', 'must not be null');
  const allowed = await requireParentTypes(tx, type.siteId, ids);
  const parents = alias(levels, 'parents');
  const [misplaced] = await tx.db
    .select({ id: levels.id })
    .from(levels)
    .leftJoin(parents, and(eq(parents.orgId, levels.orgId), eq(parents.id, levels.parentId)))
    .where(and(eq(levels.orgId, tx.orgId), eq(levels.levelTypeId, type.id), isMisplaced(parents.levelTypeId, allowed)))
    .limit(1);
  if (misplaced === undefined) return allowed;
  throw new BulkheadError('CONFLICT', 'Levels of this type have a place in the tree that it would no longer allow', {
    field: 'input.allowedParentTypeIds',
  });
}

/** A type without allowed parents is for the root, any other for levels below one of them. */
function isMisplaced(parentTypeId: PgColumn, allowed: string[]): SQL | undefined {
  return allowed.length === 0 ? isNotNull(parentTypeId) : or(isNull(parentTypeId), notInArray(parentTypeId, allowed));
}
