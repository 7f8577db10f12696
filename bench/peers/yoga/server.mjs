import { createServer } from 'node:http';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { createYoga } from 'graphql-yoga';
import { openServices } from '../shared/graphql-services.mjs';
import { relations, resolvers } from '../shared/resolvers.mjs';
import { typeDefs } from '../shared/schema.mjs';
import { listen, serve } from '../shared/serve.mjs';

/** GraphQL Yoga on node:http, with DataLoader. */
serve(async (configuration) => {
  const contextOf = await openServices(configuration);
  const schema = makeExecutableSchema({ typeDefs: typeDefs(), resolvers: { ...resolvers, ...relations } });
  const yoga = createYoga({
    schema,
    graphqlEndpoint: '/graphql',
    logging: false,
    graphiql: false,
    landingPage: false,
    maskedErrors: false,
    context: ({ req }) => contextOf(req.headers),
  });
  return listen(createServer(yoga));
});
