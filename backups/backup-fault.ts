import { BulkheadError } from '../errors/bulkhead-error.js';

/**
 * What is wrong with backups, in words for the operator that name the object.
 * Code UNAVAILABLE: no caller of the API ever meets it.
 */
export function backupFault(message: string, cause?: unknown): BulkheadError {
  return new BulkheadError('UNAVAILABLE', message, cause === undefined ? {} : { cause });
}
