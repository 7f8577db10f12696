import { BulkheadError } from '../../errors/bulkhead-error.js';

/**
 * Why the embedded server cannot start, in words for the operator that say what to do.
 * Code UNAVAILABLE: no caller of the API ever meets it, because nothing is served before the server has started.
 */
export function startFault(message: string, cause?: unknown): BulkheadError {
  return new BulkheadError('UNAVAILABLE', message, cause === undefined ? {} : { cause });
}
