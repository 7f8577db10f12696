import { BulkheadError } from '../errors/bulkhead-error.js';

/** Ranges (RFC 9110, 12.5.1) that hold a media type in which answers are given. */
const acceptable = new Set(['application/graphql-response+json', 'application/json', 'application/*', '*/*']);
/** Parameters that change nothing: a weight above 0, and the one charset of JSON. */
const harmless = /^(q=(1|0?\.\d*[1-9]\d*|1\.0*)|charset="?utf-8"?)$/i;

/**
 * Refuses a request whose answer the client would not accept, before anything is done for it.
 * @param accept the header; absent for anything
 * @throws BulkheadError NOT_ACCEPTABLE
 */
export function requireAcceptable(accept: string | undefined): void {
  if (accept === undefined || accept.trim() === '') return;
  const isAcceptable = accept.split(',').some((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    return acceptable.has(type.toLowerCase()) && parameters.every((parameter) => harmless.test(parameter));
  });
  if (isAcceptable) return;
  throw new BulkheadError('NOT_ACCEPTABLE', 'Answers are application/graphql-response+json or application/json');
}
