import { getDirective, MapperKind, mapSchema } from '@graphql-tools/utils';
import { defaultFieldResolver, type GraphQLSchema, responsePathAsArray } from 'graphql';
import { BulkheadError } from '../../errors/bulkhead-error.js';
import type { RequestContext } from '../../resolvers/request-context.js';

/**
 * The schema with fields marked `@shownOnce` that are noted when a request with an Idempotency-Key shows them, so that its
 * answer is kept without them, and that refuse to be shown by a request that did not make them.
 */
export function showOnce(schema: GraphQLSchema): GraphQLSchema {
  return mapSchema(schema, {
    [MapperKind.OBJECT_FIELD]: (field) => {
      if (getDirective(schema, field, 'shownOnce') === undefined) return undefined;
      const { resolve = defaultFieldResolver } = field;
      return {
        ...field,
        resolve: (source, args, context: RequestContext, info) => {
          const { claim } = context.identity.fate;
          if (claim?.state === 'ANSWERED') throw secretShownOnce(claim.outcome?.reference?.resource);
          claim?.shownOnce.push(responsePathAsArray(info.path));
          return resolve(source, args, context, info);
        },
      };
    },
  });
}

/**
 * The error in the place of a secret that was shown before.
 * @param resource canonical path of what the secret belongs to
 */
export function secretShownOnce(resource: string | undefined): BulkheadError {
  const details = resource === undefined ? {} : { resource };
  return new BulkheadError('SECRET_SHOWN_ONCE', 'The secret was shown when the request was answered first', details);
}
