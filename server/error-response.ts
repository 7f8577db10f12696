import { STATUS_CODES } from 'node:http';
import type { FastifyReply } from 'fastify';
import { BulkheadError } from '../errors/bulkhead-error.js';
import { errorCodes } from '../errors/error-codes.js';
import { extensionsOf } from './format-error.js';

/** Sends an error that came before GraphQL, in the shape that GraphQL clients read. */
export function sendError(reply: FastifyReply, error: BulkheadError): FastifyReply {
  const { status } = errorCodes[error.code];
  if (error.code === 'UNAUTHENTICATED') reply.header('www-authenticate', 'Bearer realm="bulkhead"');
  if (error.details.retryAfterMs !== undefined) {
    reply.header('retry-after', String(Math.ceil(error.details.retryAfterMs / 1000)));
  }
  return reply.status(status).type('application/json; charset=utf-8').send(bodyOf(error));
}

function bodyOf(error: BulkheadError): string {
  return JSON.stringify({
    errors: [{ message: error.message, extensions: extensionsOf(error.code, error.message, error.details) }],
  });
}

/** The same for a connection whose request never got as far as a reply: a whole HTTP answer that closes it. */
export function rawError(error: BulkheadError): string {
  const { status } = errorCodes[error.code];
  const body = bodyOf(error);
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    '',
    body,
  ].join('\r\n');
}

/** What a request that could not be read is to the client, by the code of Node's HTTP parser. */
export function clientFault(code: string | undefined): BulkheadError {
  return code === 'ERR_HTTP_REQUEST_TIMEOUT'
    ? new BulkheadError('REQUEST_TIMEOUT', 'The request was not received in time')
    : new BulkheadError('BAD_REQUEST', 'The request could not be read');
}

/** What an error of the HTTP layer is to the client. Anything that is not known is masked. */
export function httpFault(error: unknown): BulkheadError {
  if (error instanceof BulkheadError && error.code !== 'INTERNAL') return error;
  const { code, statusCode } = error as { code?: string; statusCode?: number };
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new BulkheadError('PAYLOAD_TOO_LARGE', 'The body is over 1 MiB');
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE' || statusCode === 415) {
    return new BulkheadError('UNSUPPORTED_MEDIA_TYPE', 'Send application/json in UTF-8');
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new BulkheadError('BAD_REQUEST', 'The request could not be read');
  }
  return new BulkheadError('INTERNAL', errorCodes.INTERNAL.title, { cause: error });
}
