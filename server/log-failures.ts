import type { ApolloServerPlugin, BaseContext } from '@apollo/server';
import type { GraphQLError } from 'graphql';
import type { Logger } from 'pino';
import { errorCodes } from '../errors/error-codes.js';
import { codeOf, originOf } from './format-error.js';

/** Errors of one operation that are logged at most: one fault may fail every entry of a list. */
const maxLogged = 10;

/** Logs what failed on our side under the id of its request, which the client was given. */
export function logFailures<Context extends BaseContext>(
  log: Logger,
  requestIdOf: (context: Context) => string,
): ApolloServerPlugin<Context> {
  return {
    requestDidStart: async () => ({
      didEncounterErrors: async ({ errors, contextValue }) => {
        const failures = errors.filter((error) => errorCodes[codeOf(error)].status >= 500);
        for (const error of failures.slice(0, maxLogged)) logFailure(log, requestIdOf(contextValue), error);
      },
    }),
  };
}

/** Logs one error of an operation. */
export function logFailure(log: Logger, requestId: string, error: GraphQLError): void {
  const field = error.path?.filter((key) => typeof key === 'string').join('.');
  log.error({ requestId, code: codeOf(error), field, ...describeFailure(originOf(error)) }, 'request failed');
}

/** A failure with its causes, but no value of a row, a parameter or a variable. */
export function describeFailure(error: unknown): { failure: string[]; stack: string[] } {
  const chain: string[] = [];
  let current: unknown = error;
  while (current instanceof Error && chain.length < 5) {
    chain.push(`${current.name}: ${current.name === 'DrizzleQueryError' ? 'query failed' : current.message}`);
    current = current.cause;
  }
  return { failure: chain, stack: error instanceof Error ? stackOf(error) : [] };
}

/** Where an error was thrown, without its message. */
function stackOf(error: Error): string[] {
  return (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 8);
}
