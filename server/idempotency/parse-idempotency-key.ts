import { BulkheadError } from '../../errors/bulkhead-error.js';

/** Characters of a key at most. */
const maxLength = 255;

/**
 * The key that an Idempotency-Key header names: a string of Structured Fields (RFC 8941, 3.3.3, as the IETF draft wants
 * it), `"8e03978e-…"`, or the same characters without quotes, as most clients send it. Both forms name the same key.
 * @param header its value; of a header that was sent twice, both
 * @throws BulkheadError IDEMPOTENCY_KEY_INVALID
 */
export function parseIdempotencyKey(header: string | readonly string[]): string {
  if (typeof header !== 'string') throw invalid('must be sent once');
  const key = header.startsWith('"') ? unquoted(header) : header;
  if (key.length === 0 || key.length > maxLength) throw invalid(`must have 1 to ${maxLength} characters`);
  if (!/^[ -~]*$/.test(key)) throw invalid('must consist of printable ASCII');
  return key;
}

function unquoted(header: string): string {
  if (!/^"(?:[^"\\]|\\["\\])*"$/.test(header)) throw invalid('must be one text in quotes, with \\" and \\\\ inside');
  return header.slice(1, -1).replace(/\\(["\\])/g, '$1');
}

/** The error for a header that cannot be used with its request. */
export function invalid(reason: string): BulkheadError {
  return new BulkheadError('IDEMPOTENCY_KEY_INVALID', `Idempotency-Key: ${reason}`);
}
