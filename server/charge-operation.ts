import type { ApolloServerPlugin, GraphQLRequestContext } from '@apollo/server';
import type { Charge, TokenCost } from '../auth/rate-limits/draw.js';
import type { EmptyBuckets } from '../auth/rate-limits/empty-buckets.js';
import { rateLimitHeaders } from '../auth/rate-limits/rate-limit-headers.js';
import type { TokenLeases } from '../auth/rate-limits/token-leases.js';
import { closePurse, openPurse } from '../auth/rate-limits/token-purse.js';
import { BulkheadError } from '../errors/bulkhead-error.js';
import type { RequestContext } from '../resolvers/request-context.js';
import { checkVariables } from './check-variables.js';
import { noteChecked } from './checked-variables.js';
import { requireTransport } from './live/opened-operation.js';
import { rememberedCost } from './remembered-cost.js';

/** What a document costs that is refused before its own cost is known: reading it was work too. */
const refusedDocumentCost: TokenCost = { STANDARD: 1, DATA_READ: 0 };

/**
 * Before an operation runs: its variables are checked, its cost is computed and bounded, and its tokens are taken from
 * the organization's buckets, all or none. A document that is refused before that costs one token.
 */
export function chargeOperation(leases: TokenLeases, emptyBuckets: EmptyBuckets): ApolloServerPlugin<RequestContext> {
  const charge = async (request: GraphQLRequestContext<RequestContext>, cost: TokenCost): Promise<Charge> => {
    const { contextValue: context } = request;
    const askedAtMs = Date.now();
    const taken = await leases.take(context.identity, cost);
    emptyBuckets.note(context.identity.orgId, taken.states, askedAtMs);
    context.rateLimits = taken.states;
    addHeaders(request);
    return taken;
  };
  return {
    requestDidStart: async (request) => {
      // An operation that is run a second time was charged the first time.
      let isCharged = request.contextValue.rateLimits.length > 0;
      if (isCharged) addHeaders(request);
      return {
        didResolveOperation: async (request) => {
          const { schema, document, operation, contextValue: context } = request;
          if (operation === undefined) throw new BulkheadError('BAD_REQUEST', 'The document has no such operation');
          requireTransport(operation, context);
          const variables = checkVariables(schema, operation, request.request.variables ?? {});
          noteChecked(request.request, variables);
          const { tokens } = rememberedCost(schema, document, operation, variables);
          if (!isCharged) {
            isCharged = true;
            const { granted, retryAfterMs } = await charge(request, tokens);
            if (!granted) throw rateLimited(retryAfterMs);
          }
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

function addHeaders({ contextValue, response }: GraphQLRequestContext<RequestContext>): void {
  const headers = rateLimitHeaders(contextValue.rateLimits);
  for (const [name, value] of Object.entries(headers)) response.http.headers.set(name, value);
}

/** The error for an organization whose bucket does not hold what is asked for. */
export function rateLimited(retryAfterMs: number): BulkheadError {
  return new BulkheadError('RATE_LIMITED', 'The organization has used up its tokens', { retryAfterMs });
}
