import type { FastifyInstance } from 'fastify';
import type { Database } from '../db/database.js';
import { isReachable } from '../db/is-reachable.js';

/**
 * `/health/live`: the process answers. `/health/ready`: it can serve, which is to say that both databases answer it;
 * 503 while one does not.
 */
export function addHealthRoutes(app: FastifyInstance, databases: Readonly<Record<string, Database>>): void {
  app.get('/health/live', (_request, reply) => reply.send({ status: 'live' }));
  app.get('/health/ready', async (_request, reply) => {
    const checks = await Promise.all(
      Object.entries(databases).map(async ([name, database]) => [name, await isReachable(database)] as const),
    );
    const isReady = checks.every(([, reachable]) => reachable);
    return reply
      .status(isReady ? 200 : 503)
      .send({ status: isReady ? 'ready' : 'not ready', databases: Object.fromEntries(checks) });
  });
}
