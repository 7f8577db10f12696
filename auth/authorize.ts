import { forbidden } from '../errors/bulkhead-error.js';
import type { Identity } from './identity.js';
import type { Action } from './scopes/action.js';
import { covers } from './scopes/covers.js';

/** Whether the identity may do this to all that the path names. */
export function mayAct(identity: Identity, action: Action, path: string): boolean {
  return covers(identity.scopes, action, path);
}

/**
 * The application's own decision on one resource, beside that of row-level security.
 * @param noun what the path names, for the message
 * @throws BulkheadError FORBIDDEN
 */
export function requireAction(identity: Identity, action: Action, path: string, noun: string): void {
  if (!mayAct(identity, action, path)) throw forbidden(action, noun);
}
