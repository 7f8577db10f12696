import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Database } from '../db/database.js';
import { BulkheadError } from '../errors/bulkhead-error.js';
import type { OperatorContext } from '../resolvers/operator/operator-context.js';
import { answer, createApollo } from './apollo.js';
import { checkVariables } from './check-variables.js';
import { invalid } from './idempotency/parse-idempotency-key.js';
import { logFailures } from './log-failures.js';
import { operationCost } from './operation-cost.js';
import { operatorOf } from './operator-of.js';
import { createOperatorSchema } from './schema.js';

/** What the operators' API needs of the process. */
export interface OperatorServices {
  readonly operational: Database;
  readonly telemetryKey: Buffer;
  readonly environment: string;
  readonly log: Logger;
}

/**
 * The operators' API at /operator/graphql: from private addresses, with an operator's key. To every other caller the
 * address does not exist.
 */
export async function addOperatorRoute(app: FastifyInstance, services: OperatorServices): Promise<void> {
  const { operational, telemetryKey, environment, log } = services;
  const apollo = await createApollo<OperatorContext>(
    createOperatorSchema(),
    [
      logFailures(log, ({ requestId }) => requestId),
      {
        requestDidStart: async () => ({
          didResolveOperation: async ({ schema, document, operation, request }) => {
            if (operation === undefined) throw new BulkheadError('BAD_REQUEST', 'The document has no such operation');
            operationCost(schema, document, operation, checkVariables(schema, operation, request.variables ?? {}));
          },
        }),
      },
    ],
    log,
  );
  app.addHook('onClose', () => apollo.stop());
  const operators = new WeakMap<object, string>();
  app.route({
    method: 'POST',
    url: '/operator/graphql',
    onRequest: async (request) => {
      operators.set(request, await operatorOf(request, operational, environment));
    },
    handler: async (request, reply) => {
      const operatorId = operators.get(request);
      if (operatorId === undefined) throw new Error('the request was not authenticated');
      if (request.headers['idempotency-key'] !== undefined) throw invalid('is not offered to operators');
      const context = {
        operatorId,
        requestId: request.id,
        clientAddress: request.ip,
        operational,
        telemetryKey,
        environment,
      };
      return answer(apollo, request, reply, () => context);
    },
  });
}
