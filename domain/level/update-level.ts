import type { LevelRow } from '../../db/tables/places.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { changeRow, type RowChange } from '../change-row.js';
import { isMerged, mergedWith } from '../input/merged.js';
import { requireText } from '../input/text.js';
import { type LevelDetails, levelDetails } from './level-details.js';
import { lockLevel, writableLevels } from './lock-level.js';

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
  const plain = {
    ...(input.name === undefined ? {} : { name: requireText('input.name', input.name, { max: 200 }) }),
    ...levelDetails(input),
  };
  if (!isMerged(input)) return changeRow(tx, writableLevels, input.id, plain);
  const before = await lockLevel(tx, input.id);
  return changeRow(tx, writableLevels, before, { ...plain, ...mergedWith(before, input) });
}
