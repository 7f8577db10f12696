import { and, eq } from 'drizzle-orm';
import { type LevelRow, levels } from '../../db/tables/places.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { changedRow, type RowChange } from '../changed-row.js';
import { changeAttributes } from '../input/attributes.js';
import { changeCoordinates } from '../input/coordinates.js';
import { requireText } from '../input/text.js';
import { type LevelDetails, levelDetails } from './level-details.js';
import { lockLevel } from './lock-level.js';

/** Fields of a level to change: absent stays, null clears. */
export interface LevelChange extends LevelDetails {
  readonly id: string;
  readonly name?: string | null | undefined;
  readonly latitude?: number | null | undefined;
  readonly longitude?: number | null | undefined;
  readonly attributes?: Readonly<Record<string, unknown>> | null | undefined;
  readonly attributesToDelete?: readonly string[] | null | undefined;
}

/**
 * Changes a level, but not its place in the tree, and answers it before and after.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN, BAD_USER_INPUT
 */
export async function updateLevel(tx: OrgTransaction, input: LevelChange): Promise<RowChange<LevelRow>> {
  const before = await lockLevel(tx, input.id);
  const updated = tx.db
    .update(levels)
    .set({
      ...(input.name === undefined ? {} : { name: requireText('input.name', input.name, { max: 200 }) }),
      ...levelDetails(input),
      ...changeCoordinates(before, input),
      attributes: changeAttributes('input.attributes', before.attributes, {
        set: input.attributes,
        remove: input.attributesToDelete,
      }),
      updatedAt: new Date(),
      updatedBy: tx.identity.actor.id,
    })
    .where(and(eq(levels.orgId, tx.orgId), eq(levels.id, before.id)))
    .returning();
  return { before, after: changedRow(updated, 'write', 'level') };
}
