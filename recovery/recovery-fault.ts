import { BulkheadError } from '../errors/bulkhead-error.js';

/**
 * Why something cannot be put back in time, in words for the operator that say what to do.
 * Code UNAVAILABLE: no caller of the API ever meets it.
 */
export function recoveryFault(message: string, cause?: unknown): BulkheadError {
  return new BulkheadError('UNAVAILABLE', message, cause === undefined ? {} : { cause });
}
