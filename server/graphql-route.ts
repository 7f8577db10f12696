import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { EmptyBuckets } from '../auth/rate-limits/empty-buckets.js';
import { rateLimitHeaders } from '../auth/rate-limits/rate-limit-headers.js';
import type { Database } from '../db/database.js';
import { noteKeyUse } from '../db/note-key-use.js';
import type { TelemetryService } from '../domain/telemetry/telemetry-service.js';
import { PlannedReads } from '../plan/planned-reads.js';
import { createLoaders } from '../resolvers/loaders.js';
import type { RequestContext } from '../resolvers/request-context.js';
import { PointBudget } from '../resolvers/telemetry/point-budget.js';
import type { VaultWriter } from '../vault/vault-writer.js';
import { answerPlannedReads } from './answer-planned-reads.js';
import { answer, createApollo } from './apollo.js';
import { authenticate, type Caller } from './authenticate.js';
import { chargeOperation, rateLimited } from './charge-operation.js';
import { logFailures } from './log-failures.js';
import { OperationSlots } from './operation-slots.js';
import { createSchema, type SchemaLayers } from './schema.js';

/** What the API needs of the process. */
export interface GraphqlServices {
  readonly operational: Database;
  readonly vault: VaultWriter;
  readonly telemetry: TelemetryService;
  readonly environment: string;
  readonly log: Logger;
}

/**
 * The API at /graphql. A request is authenticated by its headers before its body is read: an anonymous caller learns
 * nothing about documents.
 */
export async function addGraphqlRoute(
  app: FastifyInstance,
  services: GraphqlServices,
  layers: SchemaLayers = {},
): Promise<PlannedReads> {
  const emptyBuckets = new EmptyBuckets();
  const slots = new OperationSlots();
  const schema = createSchema(layers);
  const plannedReads = new PlannedReads(schema, layers.permissions !== false);
  const apollo = await createApollo<RequestContext>(
    schema,
    [
      chargeOperation(emptyBuckets),
      logFailures(services.log, ({ identity }) => identity.requestId),
      ...(layers.planned === false ? [] : [answerPlannedReads(plannedReads, services.log)]),
    ],
    services.log,
  );
  app.addHook('onClose', () => apollo.stop());
  const callers = new WeakMap<object, Caller>();
  app.route({
    // What is neither GET nor POST is answered by Apollo with 405.
    method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    url: '/graphql',
    onRequest: async (request) => {
      const { operational, environment } = services;
      const caller = await authenticate(operational, request.headers, request.ip, request.id, environment);
      callers.set(request, caller);
      request.logFields = { orgId: caller.identity.orgId, keyId: caller.key.id };
      noteUse(services, caller);
    },
    handler: async (request, reply) => {
      const caller = callers.get(request);
      if (caller === undefined) throw new Error('the request was not authenticated');
      const { identity, key } = caller;
      const empty = emptyBuckets.find(identity.orgId);
      if (empty !== undefined) {
        reply.headers(rateLimitHeaders(empty.states));
        throw rateLimited(empty.retryAfterMs);
      }
      const context: RequestContext = {
        identity,
        key,
        operational: services.operational,
        telemetry: services.telemetry,
        vault: services.vault,
        loaders: createLoaders(services.operational, services.telemetry, identity, services.vault),
        rateLimits: [],
        points: new PointBudget(),
        environment: services.environment,
        log: services.log.child({ requestId: request.id }),
      };
      return answer(apollo, request, reply, context, (signal, work) => slots.run(identity.orgId, signal, work));
    },
  });
  return plannedReads;
}

/** Milliseconds between two notes of the use of one key by this process; the database keeps minutes too. */
const noteIntervalMs = 60_000;
/** When the use of each key was last noted by this process; emptied when it grows beyond bounds. */
const noted = new Map<string, number>();

/** Notes that a key was used, without making its request wait. */
function noteUse({ operational, log }: GraphqlServices, { identity }: Caller): void {
  const now = Date.now();
  if (now - (noted.get(identity.actor.id) ?? 0) < noteIntervalMs) return;
  if (noted.size > 10_000) noted.clear();
  noted.set(identity.actor.id, now);
  noteKeyUse(operational, identity).catch((error: unknown) => {
    log.warn({ failure: String(error) }, 'the use of a key could not be noted');
  });
}
