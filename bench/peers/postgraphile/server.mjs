import { createServer } from 'node:http';
import pg from 'pg';
import { postgraphile } from 'postgraphile';
import { makePgService } from 'postgraphile/adaptors/pg';
import { grafserv } from 'postgraphile/grafserv/node';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';
import { openChecks, signContext } from '../shared/product.mjs';
import { listen, serve } from '../shared/serve.mjs';

/** Connections, as many as the product opens. */
const connections = 10;

/**
 * PostGraphile over the tables and row-level security of the product. `app.enter` would be one more statement: the signed
 * context goes into its setting by pgSettings, which PostGraphile sends with BEGIN. The context is bound to the
 * connection, so it is signed when the connection is known.
 */
serve(async (configuration) => {
  const checks = await openChecks(configuration);
  const pool = new SigningPool(
    { connectionString: configuration.operationalUrl, max: connections },
    (identityId, pid) => signContext(checks.contextKey, waiting.get(identityId), 'write', pid),
  );
  const waiting = new Map();
  const preset = {
    extends: [PostGraphileAmberPreset],
    // It hides relations whose foreign key has no index of its own, such as that to the metrics of a version.
    disablePlugins: ['PgIndexBehaviorsPlugin'],
    pgServices: [makePgService({ pool, schemas: ['app', 'bench'] })],
    grafserv: { graphqlPath: '/graphql', graphiql: false, watch: false, maxRequestLength: 2 ** 20 },
    grafast: {
      explain: false,
      context: async (context) => {
        const identity = await checks.identify(context.node.req.headers);
        const id = `identity ${identity.orgId} ${identity.actor.id}`;
        waiting.set(id, identity);
        return { pgSettings: { 'app.context': id } };
      },
    },
  };
  const instance = postgraphile(preset);
  const server = createServer();
  await instance.createServ(grafserv).addTo(server);
  return listen(server);
});

/** A pool whose clients put the signed context where PostGraphile put the name of an identity. */
class SigningPool extends pg.Pool {
  constructor(options, sign) {
    super(options);
    this.on('connect', (client) => {
      const query = client.query.bind(client);
      client.query = (first, ...rest) => {
        const values = first?.values;
        const settings = typeof values?.[0] === 'string' ? values[0] : '';
        if (settings.startsWith('[["app.context"')) {
          const [[name, identityId]] = JSON.parse(settings);
          values[0] = JSON.stringify([[name, sign(identityId, client.processID)]]);
        }
        return query(first, ...rest);
      };
    });
  }
}
