import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { AggregatorRegistry } from 'prom-client';
import { deploymentOrgId, operatorIdentity } from '../auth/identity.js';
import type { Database } from '../db/database.js';
import { withOrg } from '../db/with-org.js';
import { notedProcesses } from '../signals/noted-processes.js';
import type { ProcessMetrics } from '../signals/process-metrics.js';
import { RememberedOperators } from './remembered-operators.js';

/** What is measured, and who may see it. */
export interface MetricsServices {
  readonly operational: Database;
  readonly environment: string;
  readonly metrics: ProcessMetrics;
}

/** Seconds after which what another process has noted is not shown any more: it is gone. */
const maxSeenSeconds = 60;

/**
 * `/metrics` in the text format of Prometheus, for operators (`Authorization: Bearer <operator's key>`): this gateway, and
 * what worker, backups and `bulkhead start` have noted in the last minute. While PostgreSQL does not answer: this gateway
 * alone, for operators that it let in during the last hour.
 */
export function addMetricsRoute(app: FastifyInstance, { operational, environment, metrics }: MetricsServices): void {
  const operators = new RememberedOperators(operational, environment);
  app.get('/metrics', {
    onRequest: async (request) => {
      await operators.require(request);
    },
    handler: async (_request, reply) => {
      const all = [await metrics.look(), ...(await metricsOfOthers(operational))];
      const register = AggregatorRegistry.aggregate(all as object[][] as never);
      return reply.header('content-type', register.contentType).send(await register.metrics());
    },
  });
}

async function metricsOfOthers(operational: Database): Promise<(readonly object[])[]> {
  const identity = operatorIdentity(deploymentOrgId, 'metrics', randomUUID(), null);
  const processes = await withOrg(operational, identity, 'read', notedProcesses).catch(() => []);
  return processes
    .filter(({ kind, seenSeconds }) => kind !== 'gateway' && seenSeconds <= maxSeenSeconds)
    .map(({ metrics }) => metrics);
}
