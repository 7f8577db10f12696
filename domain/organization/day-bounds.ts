import { BulkheadError, invalidInput } from '../../errors/bulkhead-error.js';

/** Bounds of what is kept for days: telemetry, and deleted definitions. */
const dayBounds = { min: 1, max: 3650 };

/**
 * Requires a number of days within its bounds.
 * @throws BulkheadError BAD_USER_INPUT outside 1–3,650
 */
export function requireDays(field: string, days: number): void {
  const { min, max } = dayBounds;
  if (!Number.isInteger(days) || days < min || days > max) {
    throw invalidInput(field, `must be between ${min} and ${max}`);
  }
}

/**
 * Requires a confirmation where something would be kept for a shorter time than before, and so be lost sooner.
 * @param before,after days; null for ever
 * @throws BulkheadError CONFIRMATION_REQUIRED
 */
export function requireConfirmedLowering(before: number | null, after: number | null, isConfirmed: boolean): void {
  if (isConfirmed || !isLower(before, after)) return;
  throw new BulkheadError(
    'CONFIRMATION_REQUIRED',
    `That is less than the ${before === null ? 'unlimited time' : `${before} days`} of now, and what is older is removed ` +
      'for good: send confirm: true if that is meant',
    { field: 'input.confirm' },
  );
}

/** Whether days, null for ever, are fewer than before. */
export function isLower(before: number | null, after: number | null): boolean {
  return after !== null && (before === null || after < before);
}
