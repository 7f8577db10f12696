import type { Attributes } from '../../db/tables/places.js';
import { changeAttributes } from './attributes.js';
import { type Coordinates, type CoordinatesInput, changeCoordinates } from './coordinates.js';

/** Fields of a change that mean something only together with the row: a map that is merged, half of a position. */
export interface MergedInput extends CoordinatesInput {
  readonly attributes?: Readonly<Record<string, unknown>> | null | undefined;
  readonly attributesToDelete?: readonly string[] | null | undefined;
}

/** Whether a change has to be derived from the row, which then is locked first. */
export function isMerged({ latitude, longitude, attributes, attributesToDelete }: MergedInput): boolean {
  return [latitude, longitude, attributes, attributesToDelete].some((value) => value !== undefined);
}

/**
 * Position and attributes of a row after a change.
 * @throws BulkheadError BAD_USER_INPUT
 */
export function mergedWith(
  before: Coordinates & { readonly attributes: Attributes },
  input: MergedInput,
): Coordinates & { readonly attributes: Attributes } {
  const change = { set: input.attributes, remove: input.attributesToDelete };
  return {
    ...changeCoordinates(before, input),
    attributes: changeAttributes('input.attributes', before.attributes, change),
  };
}
