import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { BulkheadError, type ErrorDetails } from '../errors/bulkhead-error.js';
import { type ErrorCode, errorCodes } from '../errors/error-codes.js';
import { withoutValues } from './without-values.js';

/** Codes of the GraphQL server itself whose message may be shown once values are taken out. */
const serverCodes: Readonly<Record<string, ErrorCode>> = {
  GRAPHQL_PARSE_FAILED: 'GRAPHQL_PARSE_FAILED',
  GRAPHQL_VALIDATION_FAILED: 'GRAPHQL_VALIDATION_FAILED',
  BAD_USER_INPUT: 'BAD_USER_INPUT',
  OPERATION_RESOLUTION_FAILURE: 'BAD_REQUEST',
  PERSISTED_QUERY_NOT_SUPPORTED: 'BAD_REQUEST',
  BAD_REQUEST: 'BAD_REQUEST',
};

/** Statuses by which the GraphQL server tells apart what it calls by one code. */
const serverStatuses: Readonly<Record<number, ErrorCode>> = {
  405: 'METHOD_NOT_ALLOWED',
  406: 'NOT_ACCEPTABLE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
};

/** Problem details of an error (RFC 9457). */
interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly errors?: ErrorDetails['errors'];
}

/**
 * The one place where an error becomes what a client sees: an allow-list. A BulkheadError and the server's own errors
 * about the document are shown; anything else is masked as INTERNAL (`logFailures` keeps what it was).
 */
export function formatError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const place = {
    ...(formatted.locations === undefined ? {} : { locations: formatted.locations }),
    ...(formatted.path === undefined ? {} : { path: formatted.path }),
  };
  const code = codeOf(error);
  if (code === 'INTERNAL') {
    const { title, remedy } = errorCodes.INTERNAL;
    return { ...place, message: title, extensions: extensionsOf(code, remedy, {}) };
  }
  const origin = originOf(error);
  const message = origin instanceof BulkheadError ? origin.message : withoutValues(formatted.message);
  const details = origin instanceof BulkheadError ? origin.details : {};
  return { ...place, message, extensions: extensionsOf(code, message, details) };
}

/** The code that a client sees for an error. */
export function codeOf(error: unknown): ErrorCode {
  const origin = originOf(error);
  if (origin instanceof BulkheadError) return origin.code;
  // What has a path was thrown by a resolver, and only the codes of our own errors are ours to show.
  if (!(error instanceof GraphQLError) || error.path !== undefined) return 'INTERNAL';
  const { code, http } = error.extensions as { code?: unknown; http?: { status?: number } };
  return serverStatuses[Number(http?.status)] ?? serverCodes[String(code)] ?? 'INTERNAL';
}

/** What was thrown, by a resolver or before any ran, under the wrappings of graphql-js. */
export function originOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError ? originOf(error.originalError) : error;
}

/** The `extensions` of an error with this code. */
export function extensionsOf(code: ErrorCode, detail: string, details: ErrorDetails): Record<string, unknown> {
  const { status, title } = errorCodes[code];
  const problem: Problem = {
    type: `urn:bulkhead:error:${code.toLowerCase().replaceAll('_', '-')}`,
    title,
    status,
    detail,
    ...(details.errors === undefined ? {} : { errors: details.errors.slice(0, 100) }),
  };
  return {
    code,
    problem,
    ...(details.field === undefined ? {} : { field: details.field }),
    ...(details.retryAfterMs === undefined ? {} : { retryAfterMs: details.retryAfterMs }),
    ...(details.resource === undefined ? {} : { resource: details.resource }),
  };
}
