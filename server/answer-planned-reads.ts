import { type ApolloServerPlugin, HeaderMap } from '@apollo/server';
import type { GraphQLFormattedError } from 'graphql';
import type { Logger } from 'pino';
import { errorCodes } from '../errors/error-codes.js';
import type { PlannedReads } from '../plan/planned-reads.js';
import type { RequestContext } from '../resolvers/request-context.js';
import { traced } from '../tracing/traced.js';
import { checkedVariables } from './checked-variables.js';
import { codeOf, formatError } from './format-error.js';
import { logFailure } from './log-failures.js';
import { ReadyData } from './ready-data.js';

/**
 * Answers queries that have a plan instead of the resolvers. It runs after everything that may refuse an operation:
 * validation, bounds, costs and tokens.
 */
export function answerPlannedReads(reads: PlannedReads, log: Logger): ApolloServerPlugin<RequestContext> {
  return {
    requestDidStart: async () => ({
      responseForOperation: async ({ document, operation, request, contextValue: context }) => {
        const variables = checkedVariables(request);
        if (variables === undefined) return null;
        const answer = await traced('planned read', {}, async (span) => {
          const planned = await reads.answer({ document, operation, variables }, context);
          span.note({ isPlanned: planned !== undefined });
          return planned;
        });
        if (answer === undefined) return null;
        const errors = answer.errors.map((error): GraphQLFormattedError => {
          if (errorCodes[codeOf(error)].status >= 500) logFailure(log, context.identity.requestId, error);
          return formatError(error.toJSON(), error);
        });
        const data = new ReadyData(answer.json);
        return {
          http: { headers: new HeaderMap() },
          body: { kind: 'single', singleResult: errors.length === 0 ? { data } : { data, errors } },
        };
      },
    }),
  };
}
