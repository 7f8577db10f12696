import { BulkheadError } from '../errors/bulkhead-error.js';

/**
 * Why something cannot be put back in time, in words for the operator that say what to do.
 * Code UNAVAILABLE: no caller of the API ever meets it.
 */
export function recoveryFault(message: string, cause?: unknown): BulkheadError {
  return new BulkheadError('UNAVAILABLE', message, cause === undefined ? {} : { cause });
}

/** A moment was named that cannot be restored, in words that say which can. */
export function momentMistake(message: string): BulkheadError {
  return new BulkheadError('BAD_USER_INPUT', message);
}
