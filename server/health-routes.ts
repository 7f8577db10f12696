import type { FastifyInstance } from 'fastify';
import type { Database } from '../db/database.js';
import { isReachable } from '../db/is-reachable.js';

/**
 * `/health/live`: the process answers. `/health/ready`: it can serve, which is to say that both databases answer it;
 * 503 while one does not. Anybody may ask, so that one look at the databases serves all who ask while it lasts.
 */
export function addHealthRoutes(app: FastifyInstance, databases: Readonly<Record<string, Database>>): void {
  let look: Promise<Readonly<Record<string, boolean>>> | undefined;
  app.get('/health/live', (_request, reply) => reply.send({ status: 'live' }));
  app.get('/health/ready', async (_request, reply) => {
    look ??= lookAt(databases).finally(() => {
      look = undefined;
    });
    const reachable = await look;
    const isReady = Object.values(reachable).every(Boolean);
    return reply.status(isReady ? 200 : 503).send({ status: isReady ? 'ready' : 'not ready', databases: reachable });
  });
}

async function lookAt(databases: Readonly<Record<string, Database>>): Promise<Readonly<Record<string, boolean>>> {
  const entries = Object.entries(databases).map(
    async ([name, database]) => [name, await isReachable(database)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}
