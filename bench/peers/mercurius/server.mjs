import fastify from 'fastify';
import mercurius from 'mercurius';
import { openServices } from '../shared/graphql-services.mjs';
import { readings, resolvers } from '../shared/resolvers.mjs';
import { typeDefs } from '../shared/schema.mjs';
import { serve } from '../shared/serve.mjs';

/** Mercurius on Fastify, with its loaders and graphql-jit from the first request on. */
serve(async (configuration) => {
  const contextOf = await openServices(configuration);
  const app = fastify({ bodyLimit: 2 ** 20 });
  const loader = (load) => ({ loader: load, opts: { cache: false } });
  // A loader is handed each object; the same id may come more than once, which batches of the data layer do not expect.
  const once = (name, field) =>
    loader((queries, { data }) => data.loaders[name].loadMany(queries.map(({ obj }) => obj[field])));
  await app.register(mercurius, {
    schema: typeDefs(),
    resolvers,
    path: '/graphql',
    jit: 1,
    context: ({ headers }) => contextOf(headers),
    loaders: {
      Thing: {
        place: once('places', 'placeId'),
        type: once('types', 'typeId'),
        typeVersion: once('versions', 'typeVersionId'),
        latest: loader(async (queries, { data }) => {
          const [metrics, rows] = await Promise.all([
            data.loaders.metrics.loadMany(queries.map(({ obj }) => obj.typeVersionId)),
            data.batches.latest(queries.map(({ obj }) => obj.id)),
          ]);
          return queries.map((_query, index) => readings(metrics[index], rows[index]));
        }),
      },
      ThingTypeVersion: { metrics: once('metrics', 'id') },
    },
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  return app.server.address().port;
});
