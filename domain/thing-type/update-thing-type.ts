import type { ThingTypeRow } from '../../db/tables/definitions.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { changeRow, type RowChange } from '../change-row.js';
import { requireActive } from '../definition/soft-delete.js';
import { optionalText, optionalUrl } from '../input/text.js';
import { writableThingTypes } from './get-thing-type.js';
import { requireTypeDisplayName } from './type-display-name.js';

/** Fields of a thing type to change: absent stays, null clears; a display name cannot be cleared. */
export interface ThingTypeChange {
  readonly id: string;
  readonly displayName?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly defaultImageUrl?: string | null | undefined;
  readonly defaultIconUrl?: string | null | undefined;
}

/**
 * Changes what describes a thing type, not its versions, and answers it before and after.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN, BAD_USER_INPUT; CONFLICT for a deleted type or a name in use
 */
export async function updateThingType(tx: OrgTransaction, input: ThingTypeChange): Promise<RowChange<ThingTypeRow>> {
  const change = await changeRow(tx, writableThingTypes, input.id, {
    ...(input.displayName === undefined
      ? {}
      : { displayName: requireTypeDisplayName('input.displayName', input.displayName) }),
    description: optionalText('input.description', input.description, { min: 0, max: 500 }),
    defaultImageUrl: optionalUrl('input.defaultImageUrl', input.defaultImageUrl),
    defaultIconUrl: optionalUrl('input.defaultIconUrl', input.defaultIconUrl),
  });
  requireActive(change.before, 'thing type');
  return change;
}
