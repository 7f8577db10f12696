import type { ApolloServerPlugin } from '@apollo/server';
import { rateLimitHeaders } from '../auth/rate-limits/rate-limit-headers.js';
import { takeTokens } from '../auth/rate-limits/take-tokens.js';
import { closePurse, openPurse } from '../auth/rate-limits/token-purse.js';
import { BulkheadError } from '../errors/bulkhead-error.js';
import type { RequestContext } from '../resolvers/request-context.js';
import { checkVariables } from './check-variables.js';
import { operationCost } from './operation-cost.js';

/**
 * Before an operation runs: its variables are checked, its cost is computed and bounded, and its tokens are taken from
 * the organization's buckets, all or none.
 */
export function chargeOperation(): ApolloServerPlugin<RequestContext> {
  return {
    requestDidStart: async () => ({
      didResolveOperation: async ({ schema, document, operation, request, contextValue: context, response }) => {
        if (operation === undefined) throw new BulkheadError('BAD_REQUEST', 'The document has no such operation');
        const variables = checkVariables(schema, operation, request.variables ?? {});
        const { tokens } = operationCost(schema, document, operation, variables);
        const charge = await takeTokens(context.operational, context.identity, tokens);
        context.rateLimits = charge.states;
        for (const [name, value] of Object.entries(rateLimitHeaders(charge.states))) {
          response.http.headers.set(name, value);
        }
        if (!charge.granted) {
          throw new BulkheadError('RATE_LIMITED', 'The organization has used up its tokens', {
            retryAfterMs: charge.retryAfterMs,
          });
        }
        openPurse(context.identity.requestId, tokens);
      },
      willSendResponse: async ({ contextValue }) => closePurse(contextValue.identity.requestId),
    }),
  };
}
