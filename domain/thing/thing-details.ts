import { optionalText } from '../input/text.js';

/** Texts and altitude of a thing: absent stays, null clears. */
export interface ThingDetails {
  /** At most 500 characters. */
  readonly description?: string | null | undefined;
  /** At most 500 characters. */
  readonly address?: string | null | undefined;
  /** At most 200 characters. */
  readonly model?: string | null | undefined;
  /** At most 200 characters. */
  readonly manufacturer?: string | null | undefined;
  /** 1–200 characters, unique among things of the type. */
  readonly manufacturerId?: string | null | undefined;
  /** Metres above sea level. */
  readonly altitude?: number | null | undefined;
}

/**
 * The details within their bounds.
 * @throws BulkheadError BAD_USER_INPUT
 */
export function thingDetails(input: ThingDetails): ThingDetails {
  return {
    description: optionalText('input.description', input.description, { min: 0, max: 500 }),
    address: optionalText('input.address', input.address, { min: 0, max: 500 }),
    model: optionalText('input.model', input.model, { min: 0, max: 200 }),
    manufacturer: optionalText('input.manufacturer', input.manufacturer, { min: 0, max: 200 }),
    manufacturerId: optionalText('input.manufacturerId', input.manufacturerId, { max: 200 }),
    altitude: input.altitude,
  };
}
