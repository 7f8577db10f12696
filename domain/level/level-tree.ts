import { validate } from 'uuid';
import type { LevelRow } from '../../db/tables/places.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { type BulkheadError, invalidInput } from '../../errors/bulkhead-error.js';

/** Levels on the longest way from the root down, at most. */
export const maxDepth = 20;

/** A level with the ids of all above it, itself first: as many as it lies deep. */
export interface LevelPath {
  readonly level: Pick<LevelRow, 'id' | 'levelTypeId'>;
  readonly ids: readonly string[];
}

/**
 * The way from a level of the site up to its root.
 * @throws BulkheadError BAD_USER_INPUT on `input.parentId` if the site has no such level
 */
export async function pathOfParent(tx: OrgTransaction, siteId: string, parentId: string): Promise<LevelPath> {
  if (!validate(parentId)) throw notALevel();
  const rows = await tx.sql<{ id: string; levelTypeId: string }[]>`
    with recursive path as (
      select id, parent_id, level_type_id, 1 as steps from app.levels
      where org_id = ${tx.orgId} and site_id = ${siteId} and id = ${parentId}
      union all
      select l.id, l.parent_id, l.level_type_id, p.steps + 1 from app.levels l join path p on l.id = p.parent_id
      where l.org_id = ${tx.orgId} and p.steps < ${maxDepth}
    )
    select id, level_type_id as "levelTypeId" from path order by steps`;
  const [level] = rows;
  if (level === undefined) throw notALevel();
  return { level, ids: rows.map((row) => row.id) };
}

function notALevel(): BulkheadError {
  return invalidInput('input.parentId', 'is not a level of the site');
}

/** How many levels lie on the longest way from a level down, itself counted. */
export async function heightOf(tx: OrgTransaction, levelId: string): Promise<number> {
  const [row] = await tx.sql<{ height: number }[]>`
    with recursive tree as (
      select id, 1 as steps from app.levels where org_id = ${tx.orgId} and id = ${levelId}
      union all
      select l.id, t.steps + 1 from app.levels l join tree t on l.parent_id = t.id
      where l.org_id = ${tx.orgId} and t.steps < ${maxDepth}
    )
    select max(steps) as height from tree`;
  return row?.height ?? 0;
}
