import { createHmac, timingSafeEqual } from 'node:crypto';
import { invalidInput } from '../errors/bulkhead-error.js';

/** Bytes of the authentication code of a cursor. */
const macBytes = 12;

/** What a cursor is good for: one list of one organization. */
export interface CursorScope {
  readonly key: Buffer;
  readonly orgId: string;
  /** Name of the list with all that selects its rows but the page, e.g. `things:<placeId>`. */
  readonly list: string;
}

/** An opaque cursor that stands after the row with this position. */
export function encodeCursor(scope: CursorScope, position: string): string {
  return Buffer.concat([authenticate(scope, position), Buffer.from(position, 'utf8')]).toString('base64url');
}

/**
 * The position that a cursor stands for.
 * @throws BulkheadError BAD_USER_INPUT for a cursor of another organization or list, or one that nobody issued
 */
export function decodeCursor(scope: CursorScope, cursor: string): string {
  const bytes = Buffer.from(cursor, 'base64url');
  const position = bytes.subarray(macBytes).toString('utf8');
  const mac = bytes.subarray(0, macBytes);
  if (mac.length !== macBytes || !timingSafeEqual(mac, authenticate(scope, position))) {
    throw invalidInput('after', 'is not a cursor of this list');
  }
  return position;
}

function authenticate(scope: CursorScope, position: string): Buffer {
  return createHmac('sha256', scope.key)
    .update(`${scope.orgId}\n${scope.list}\n${position}`, 'utf8')
    .digest()
    .subarray(0, macBytes);
}
