import { optionalText } from '../input/text.js';

/** What describes a metric to people: absent stays, null clears. */
export interface MetricDescription {
  /** At most 200 characters. */
  readonly displayName?: string | null | undefined;
  /** At most 500 characters. */
  readonly description?: string | null | undefined;
  /** At most 50 characters. */
  readonly unitLabel?: string | null | undefined;
}

/**
 * The description within its limits.
 * @throws BulkheadError BAD_USER_INPUT
 */
export function requireMetricDescription(input: MetricDescription) {
  return {
    displayName: optionalText('input.displayName', input.displayName, { min: 0, max: 200 }),
    description: optionalText('input.description', input.description, { min: 0, max: 500 }),
    unitLabel: optionalText('input.unitLabel', input.unitLabel, { min: 0, max: 50 }),
  };
}
