import type { ApolloServerPlugin, GraphQLRequestContext } from '@apollo/server';
import type { EmptyBuckets } from '../auth/rate-limits/empty-buckets.js';
import { rateLimitHeaders } from '../auth/rate-limits/rate-limit-headers.js';
import { type Charge, type TokenCost, takeTokens } from '../auth/rate-limits/take-tokens.js';
import { closePurse, openPurse } from '../auth/rate-limits/token-purse.js';
import { BulkheadError } from '../errors/bulkhead-error.js';
import type { RequestContext } from '../resolvers/request-context.js';
import { checkVariables } from './check-variables.js';
import { operationCost } from './operation-cost.js';

/** What a document costs that is refused before its own cost is known: reading it was work too. */
const refusedDocumentCost: TokenCost = { STANDARD: 1, DATA_READ: 0 };

/**
 * Before an operation runs: its variables are checked, its cost is computed and bounded, and its tokens are taken from
 * the organization's buckets, all or none. A document that is refused before that costs one token.
 */
export function chargeOperation(emptyBuckets: EmptyBuckets): ApolloServerPlugin<RequestContext> {
  const charge = async (request: GraphQLRequestContext<RequestContext>, cost: TokenCost): Promise<Charge> => {
    const { contextValue: context, response } = request;
    const taken = await takeTokens(context.operational, context.identity, cost);
    emptyBuckets.note(context.identity.orgId, taken.states);
    context.rateLimits = taken.states;
    for (const [name, value] of Object.entries(rateLimitHeaders(taken.states))) response.http.headers.set(name, value);
    return taken;
  };
  return {
    requestDidStart: async () => {
      let isCharged = false;
      return {
        didResolveOperation: async (request) => {
          const { schema, document, operation, contextValue: context } = request;
          if (operation === undefined) throw new BulkheadError('BAD_REQUEST', 'The document has no such operation');
          const variables = checkVariables(schema, operation, request.request.variables ?? {});
          const { tokens } = operationCost(schema, document, operation, variables);
          isCharged = true;
          const { granted, retryAfterMs } = await charge(request, tokens);
          if (!granted) throw rateLimited(retryAfterMs);
          openPurse(context.identity.requestId, tokens);
        },
        didEncounterErrors: async (request) => {
          if (isCharged) return;
          isCharged = true;
          await charge(request, refusedDocumentCost);
        },
        willSendResponse: async ({ contextValue }) => closePurse(contextValue.identity.requestId),
      };
    },
  };
}

/** The error for an organization whose bucket does not hold what is asked for. */
export function rateLimited(retryAfterMs: number): BulkheadError {
  return new BulkheadError('RATE_LIMITED', 'The organization has used up its tokens', { retryAfterMs });
}
