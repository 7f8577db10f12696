import { BulkheadError } from '../../errors/bulkhead-error.js';

/** What tells whether a definition was soft-deleted. */
export interface SoftDeletable {
  readonly deletedAt: Date | null;
}

/**
 * Refuses to change a definition that was soft-deleted.
 * @throws BulkheadError CONFLICT
 */
export function requireActive(definition: SoftDeletable, noun: string): void {
  if (definition.deletedAt !== null) throw new BulkheadError('CONFLICT', `The ${noun} is deleted: restore it first`);
}

/**
 * Refuses to delete a definition a second time: who deletes has to know whether it was this request that did.
 * @throws BulkheadError CONFLICT
 */
export function requireNotYetDeleted(definition: SoftDeletable, noun: string): void {
  if (definition.deletedAt !== null) throw new BulkheadError('CONFLICT', `The ${noun} is already deleted`);
}

/**
 * Refuses to restore a definition that is in use.
 * @throws BulkheadError CONFLICT
 */
export function requireDeleted(definition: SoftDeletable, noun: string): void {
  if (definition.deletedAt === null) throw new BulkheadError('CONFLICT', `The ${noun} is not deleted`);
}
