import { type GraphQLObjectType, type GraphQLResolveInfo, getNamedType } from 'graphql';
import type { IMiddlewareResolver } from 'graphql-middleware/types';
import { findOutcome } from '../../domain/idempotency/find-outcome.js';
import { recoveredPayload } from '../../resolvers/recovered-payload.js';
import type { RequestContext } from '../../resolvers/request-context.js';

const replay: IMiddlewareResolver<unknown, RequestContext> = async (
  resolve,
  parent,
  args,
  context: RequestContext,
  info: GraphQLResolveInfo,
) => {
  const { claim } = context.identity.fate;
  if (claim === undefined) return resolve(parent, args, context, info);
  try {
    return await resolve(parent, args, context, info);
  } catch (error) {
    if (claim.state !== 'ANSWERED') throw error;
    claim.outcome = await findOutcome(context.identity, claim);
    // The stored answer takes the place of the whole, whatever is answered here.
    if (claim.outcome.answer !== undefined) return null;
    return recoveredPayload(getNamedType(info.returnType) as GraphQLObjectType, claim.outcome.reference);
  }
};

/**
 * Middleware around every mutation, inside of shield: one that PostgreSQL has found to be done before, under the same
 * Idempotency-Key, answers what the first one left. Where its answer was not stored, the selection is resolved anew.
 */
export const replayMutations = { Mutation: replay };
