import { optionalText } from '../input/text.js';

/** Texts and altitude of a level: absent stays, null clears. */
export interface LevelDetails {
  /** At most 500 characters. */
  readonly description?: string | null | undefined;
  /** At most 500 characters. */
  readonly address?: string | null | undefined;
  /** Metres above sea level. */
  readonly altitude?: number | null | undefined;
}

/**
 * The details within their bounds.
 * @throws BulkheadError BAD_USER_INPUT
 */
export function levelDetails(input: LevelDetails): LevelDetails {
  return {
    description: optionalText('input.description', input.description, { min: 0, max: 500 }),
    address: optionalText('input.address', input.address, { min: 0, max: 500 }),
    altitude: input.altitude,
  };
}
