import { BulkheadError } from '../errors/bulkhead-error.js';

/** Ranges (RFC 9110, 12.5.1) that hold a media type in which answers can be given. */
const acceptable = new Set(['application/graphql-response+json', 'application/json', 'application/*', '*/*']);

/**
 * Refuses a request whose answer the client would not accept, before anything is done for it.
 * @param accept the header; absent for anything
 * @throws BulkheadError NOT_ACCEPTABLE
 */
export function requireAcceptable(accept: string | undefined): void {
  if (accept === undefined || accept.trim() === '') return;
  const ranges = accept.split(',').filter((range) => !/;\s*q\s*=\s*0(\.0*)?\s*(;|$)/i.test(range));
  if (ranges.some((range) => acceptable.has((range.split(';', 1)[0] ?? '').trim().toLowerCase()))) return;
  throw new BulkheadError('NOT_ACCEPTABLE', 'Answers are application/graphql-response+json or application/json');
}
