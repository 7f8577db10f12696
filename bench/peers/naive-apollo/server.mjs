import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { applyMiddleware } from 'graphql-middleware';
import { rateLimitDirective } from 'graphql-rate-limit-directive';
import { rule, shield } from 'graphql-shield';
import { openServices } from '../shared/graphql-services.mjs';
import { relations, resolvers } from '../shared/resolvers.mjs';
import { typeDefs } from '../shared/schema.mjs';
import { serve } from '../shared/serve.mjs';

/** Apollo Server as its guides show it: shield on every field, the rate-limit directive, DataLoader. */
serve(async (configuration) => {
  const contextOf = await openServices(configuration);
  const { rateLimitDirectiveTypeDefs, rateLimitDirectiveTransformer } = rateLimitDirective({
    keyGenerator: (_args, _source, _fieldArgs, { identity }, info) => `${info.fieldName} ${identity.orgId}`,
  });
  const schema = rateLimitDirectiveTransformer(
    makeExecutableSchema({
      typeDefs: [rateLimitDirectiveTypeDefs, typeDefs('@rateLimit(limit: 1000000000, duration: 60)')],
      resolvers: { ...resolvers, ...relations },
    }),
  );
  const isKnown = rule({ cache: 'contextual' })((_parent, _args, { identity }) => identity !== undefined);
  const permissions = shield(
    Object.fromEntries(
      Object.values(schema.getTypeMap())
        .filter((type) => type.astNode?.kind === 'ObjectTypeDefinition')
        .map((type) => [type.name, { '*': isKnown }]),
    ),
    { allowExternalErrors: true },
  );
  const server = new ApolloServer({ schema: applyMiddleware(schema, permissions) });
  const { url } = await startStandaloneServer(server, {
    listen: { host: '127.0.0.1', port: 0 },
    context: ({ req }) => contextOf(req.headers),
  });
  return Number(new URL(url).port);
});
