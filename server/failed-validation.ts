import type { ApolloServerPlugin, BaseContext } from '@apollo/server';
import { GraphQLError } from 'graphql';

/**
 * Answers as a fault of the document what graphql-js 16 throws while it validates instead of reporting it: where the root
 * field of a subscription has `@skip` or `@include` with a variable, for which there is no value yet. The specification
 * (GraphQL, September 2025, 5.2.4.1) forbids both there.
 */
export function failedValidation<Context extends BaseContext>(): ApolloServerPlugin<Context> {
  return {
    // What a hook of this kind throws takes the place of the error that it was told of.
    unexpectedErrorProcessingRequest: async ({ requestContext, error }) => {
      if (requestContext.operation !== undefined || !(error instanceof GraphQLError)) return;
      throw new GraphQLError('The root field of a subscription must have neither @skip nor @include.', {
        ...(error.nodes === undefined ? {} : { nodes: error.nodes }),
        extensions: { code: 'GRAPHQL_VALIDATION_FAILED', http: { status: 400 } },
      });
    },
  };
}
