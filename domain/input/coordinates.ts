import { invalidInput } from '../../errors/bulkhead-error.js';

/** A position on Earth in degrees (WGS 84); both or neither. */
export interface Coordinates {
  readonly latitude: number | null;
  readonly longitude: number | null;
}

/** What an input says about a position: absent stays, null clears. */
export interface CoordinatesInput {
  readonly latitude?: number | null | undefined;
  readonly longitude?: number | null | undefined;
}

/**
 * The position after a change.
 * @throws BulkheadError BAD_USER_INPUT outside ±90 and ±180 degrees, or if only one of the two remains
 */
export function changeCoordinates(before: Coordinates, input: CoordinatesInput): Coordinates {
  const latitude = within('input.latitude', input.latitude === undefined ? before.latitude : input.latitude, 90);
  const longitude = within('input.longitude', input.longitude === undefined ? before.longitude : input.longitude, 180);
  if ((latitude === null) !== (longitude === null)) {
    throw invalidInput('input.latitude', 'latitude and longitude are given both or not at all');
  }
  return { latitude, longitude };
}

function within(field: string, value: number | null, bound: number): number | null {
  if (value !== null && !(value >= -bound && value <= bound)) {
    throw invalidInput(field, `must be between -${bound} and ${bound}`);
  }
  return value;
}
