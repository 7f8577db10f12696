import type { LevelRow } from '../../db/tables/places.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { invalidInput } from '../../errors/bulkhead-error.js';
import { type LevelPath, maxDepth, pathOfParent } from './level-tree.js';
import { parentTypeIds } from './parent-types.js';

/** What decides where in the tree of its site a level can hang. */
export interface Branch extends Pick<LevelRow, 'siteId' | 'levelTypeId'> {
  /** Levels on the longest way from it down, itself counted; 1 for a new level. */
  readonly height: number;
}

/**
 * The parent that a level is to hang under, null for the root level. The site is locked.
 * @throws BulkheadError BAD_USER_INPUT if the type of the level does not allow the parent, or needs one and there is
 * none, or the tree would be deeper than 20 levels
 */
export async function requireParent(
  tx: OrgTransaction,
  branch: Branch,
  parentId: string | null | undefined,
): Promise<LevelPath | null> {
  const field = 'input.parentId';
  const allowed = await parentTypeIds(tx, branch.levelTypeId);
  if (parentId === null || parentId === undefined) {
    if (allowed.length > 0) throw invalidInput(field, 'must be given: the level type is not for the root level');
    return null;
  }
  const parent = await pathOfParent(tx, branch.siteId, parentId);
  if (!allowed.includes(parent.level.levelTypeId)) {
    throw invalidInput(field, 'has a type that the level type does not allow as parent');
  }
  if (parent.ids.length + branch.height > maxDepth) {
    throw invalidInput(field, `lies too deep: the tree has at most ${maxDepth} levels`);
  }
  return parent;
}
