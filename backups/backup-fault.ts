import { BulkheadError } from '../errors/bulkhead-error.js';

/** An object of the repository that is there and cannot be read: unlike a store that does not answer, this stays so. */
export class DamagedObject extends BulkheadError {
  constructor(message: string, cause: unknown) {
    super('UNAVAILABLE', message, { cause });
  }
}

/**
 * What is wrong with backups, in words for the operator that name the object.
 * Code UNAVAILABLE: no caller of the API ever meets it.
 */
export function backupFault(message: string, cause?: unknown): BulkheadError {
  return new BulkheadError('UNAVAILABLE', message, cause === undefined ? {} : { cause });
}
