import { unwrapResolverError } from '@apollo/server/errors';
import type { GraphQLFormattedError } from 'graphql';
import type { Logger } from 'pino';
import { BulkheadError, type ErrorDetails } from '../errors/bulkhead-error.js';
import { type ErrorCode, errorCodes } from '../errors/error-codes.js';

/** Codes of the GraphQL server itself whose message may be shown once values are taken out. */
const serverCodes: Readonly<Record<string, ErrorCode>> = {
  GRAPHQL_PARSE_FAILED: 'GRAPHQL_PARSE_FAILED',
  GRAPHQL_VALIDATION_FAILED: 'GRAPHQL_VALIDATION_FAILED',
  BAD_USER_INPUT: 'BAD_USER_INPUT',
  OPERATION_RESOLUTION_FAILURE: 'BAD_REQUEST',
  BAD_REQUEST: 'BAD_REQUEST',
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
 * about the document are shown; anything else is masked as INTERNAL and logged under the request id.
 */
export function formatError(formatted: GraphQLFormattedError, error: unknown, log: Logger): GraphQLFormattedError {
  const origin = unwrapResolverError(error);
  const place = {
    ...(formatted.locations === undefined ? {} : { locations: formatted.locations }),
    ...(formatted.path === undefined ? {} : { path: formatted.path }),
  };
  if (origin instanceof BulkheadError && origin.code !== 'INTERNAL') {
    if (errorCodes[origin.code].status >= 500) logFailure(log, origin);
    return { ...place, message: origin.message, extensions: extensionsOf(origin.code, origin.message, origin.details) };
  }
  const serverCode = serverCodes[String(formatted.extensions?.['code'])];
  if (serverCode !== undefined) {
    const message = withoutValues(formatted.message);
    return { ...place, message, extensions: extensionsOf(serverCode, message, {}) };
  }
  logFailure(log, origin);
  return {
    ...place,
    message: errorCodes.INTERNAL.title,
    extensions: extensionsOf('INTERNAL', errorCodes.INTERNAL.remedy, {}),
  };
}

/** The `extensions` of an error with this code. */
export function extensionsOf(code: ErrorCode, detail: string, details: ErrorDetails): Record<string, unknown> {
  const { status, title } = errorCodes[code];
  const problem: Problem = {
    type: `https://bulkhead.invalid/errors/${code.toLowerCase().replaceAll('_', '-')}`,
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
  };
}

/**
 * A message of graphql-js without the values that it quotes from document and variables: they may be secrets in the
 * wrong place.
 */
export function withoutValues(message: string): string {
  return message
    .replace(/^(Variable "\$\w+") got invalid value .*$/s, '$1 has an invalid value')
    .replace(/((?:cannot|must) represent [^:]*?)(?: ?: .*| value .*)$/s, '$1')
    .replace(/, found .*$/s, '')
    .replace(/^Value ".*" does not exist in "(\w+)" enum.*$/s, 'The value does not exist in enum "$1"')
    .replace(/(Syntax Error: Unexpected (?:String|BlockString|Int|Float)) .*$/s, '$1')
    .replace(/ ?Did you mean .*$/s, '');
}

/** Logs a failure with its causes, but no value of a row, a parameter or a variable. */
function logFailure(log: Logger, error: unknown): void {
  const chain: string[] = [];
  let current: unknown = error;
  while (current instanceof Error && chain.length < 5) {
    chain.push(`${current.name}: ${current.name === 'DrizzleQueryError' ? 'query failed' : current.message}`);
    current = current.cause;
  }
  log.error({ failure: chain, stack: error instanceof Error ? stackOf(error) : undefined }, 'request failed');
}

/** Where an error was thrown, without its message. */
function stackOf(error: Error): string[] {
  return (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 8);
}
