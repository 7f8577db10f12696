import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import type { Logger } from 'pino';
import type { RememberedKeys } from '../auth/api-keys/remembered-keys.js';
import { EmptyBuckets } from '../auth/rate-limits/empty-buckets.js';
import { rateLimitHeaders } from '../auth/rate-limits/rate-limit-headers.js';
import type { TokenBuckets } from '../auth/rate-limits/token-buckets.js';
import { TokenLeases } from '../auth/rate-limits/token-leases.js';
import type { Database } from '../db/database.js';
import { noteKeyUse } from '../db/note-key-use.js';
import type { AnswerSeal } from '../domain/idempotency/answer-seal.js';
import type { TelemetryService } from '../domain/telemetry/telemetry-service.js';
import type { EgressPolicy } from '../integrations/egress/egress-policy.js';
import type { HandlerThreads } from '../integrations/templates/handler-threads.js';
import { PlannedReads } from '../plan/planned-reads.js';
import { createLoaders } from '../resolvers/loaders.js';
import type { OperationNote, RequestContext } from '../resolvers/request-context.js';
import { PointBudget } from '../resolvers/telemetry/point-budget.js';
import { traced } from '../tracing/traced.js';
import type { VaultWriter } from '../vault/vault-writer.js';
import { answerPlannedReads } from './answer-planned-reads.js';
import { answer, createApollo } from './apollo.js';
import { addAuditCsvRoute } from './audit-csv-route.js';
import { authenticate, type Caller } from './authenticate.js';
import { chargeOperation, rateLimited } from './charge-operation.js';
import { confirmed } from './confirmed.js';
import type { GatewaySignals } from './gateway-signals.js';
import { idempotentMutations } from './idempotency/idempotent-mutations.js';
import { addLiveRoutes } from './live/add-live-routes.js';
import { LiveConnections } from './live/live-connections.js';
import { LiveNotices } from './live/live-notices.js';
import type { LiveServices } from './live/live-services.js';
import { handOverSubscriptions } from './live/opened-operation.js';
import { createSocketHandler } from './live/websocket-route.js';
import { logFailures } from './log-failures.js';
import { measureOperations } from './measure-operations.js';
import { OperationSlots } from './operation-slots.js';
import { createSchema, type SchemaLayers } from './schema.js';

/** What the API needs of the process. */
export interface GraphqlServices {
  readonly operational: Database;
  readonly vault: VaultWriter;
  readonly telemetry: TelemetryService;
  readonly handlers: HandlerThreads;
  readonly keys: RememberedKeys;
  readonly buckets: TokenBuckets;
  /** Seals what is kept under Idempotency-Keys. */
  readonly answerSeal: AnswerSeal;
  readonly environment: string;
  /** Where deliveries may go. */
  readonly egress: EgressPolicy;
  readonly signals: GatewaySignals;
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
): Promise<{ readonly plannedReads: PlannedReads; readonly live: LiveConnections }> {
  const emptyBuckets = new EmptyBuckets();
  const slots = new OperationSlots();
  const schema = createSchema(layers);
  const plannedReads = new PlannedReads(schema, layers.permissions !== false);
  const tokens = new TokenLeases(services.buckets);
  const apollo = await createApollo<RequestContext>(
    schema,
    [
      measureOperations(services.signals),
      chargeOperation(tokens, emptyBuckets),
      logFailures(services.log, ({ identity }) => identity.requestId),
      idempotentMutations(services.answerSeal, services.log),
      handOverSubscriptions(),
      ...(layers.planned === false ? [] : [answerPlannedReads(plannedReads, services.log)]),
    ],
    services.log,
  );
  const { keys } = services;
  const connections = new LiveConnections();
  const notices = new LiveNotices(services.operational);
  const live: LiveServices = {
    ...services,
    keys,
    schema,
    apollo,
    tokens,
    emptyBuckets,
    slots,
    notices,
    connections,
    noteUse: (caller) => noteUse(services, caller),
    contextOf: (caller, rateLimits) => contextOf(services, caller, undefined, rateLimits),
  };
  app.addHook('onClose', async () => {
    await notices.close();
    await apollo.stop();
  });
  await addLiveRoutes(app, live);
  app.decorateRequest('caller');
  addAuditCsvRoute(app, live);
  const route: Pick<RouteOptions, 'url' | 'onRequest' | 'handler'> = {
    url: '/graphql',
    onRequest: async (request) => {
      // The key of a socket may come with its first message, since pages cannot set headers of a handshake.
      const { headers } = request;
      if (request.ws && headers['x-api-key'] === undefined && headers.authorization === undefined) return;
      const caller = await traced('authentication', {}, () =>
        authenticate(keys, request.headers, request.ip, request.id, services.environment),
      );
      request.caller = caller;
      request.logFields = { orgId: caller.identity.orgId, keyId: caller.key.id };
      noteUse(services, caller);
    },
    handler: async (request, reply) => {
      const { caller } = request;
      if (caller === undefined) throw new Error('the request was not authenticated');
      const { identity } = caller;
      const empty = emptyBuckets.find(identity.orgId);
      if (empty !== undefined) {
        reply.headers(rateLimitHeaders(empty.states));
        throw rateLimited(empty.retryAfterMs);
      }
      const idempotencyKey = idempotencyKeyOf(request);
      const operation: OperationNote = {};
      request.operation = operation;
      let context = contextOf(services, caller, idempotencyKey, [], operation);
      const lookAgain = async () => {
        keys.forget(caller.key.id);
        const again = await authenticate(keys, request.headers, request.ip, request.id, services.environment);
        context = contextOf(services, again, idempotencyKey, context.rateLimits, operation);
      };
      return answer(
        apollo,
        request,
        reply,
        () => context,
        (hasEnded, work) =>
          slots.run(identity.orgId, hasEnded, () =>
            traced('operation', {}, async (span) => {
              const answered = await confirmed(services.operational, identity, work, lookAgain);
              const { kind = 'none', fields = '' } = operation;
              span.note({ 'graphql.operation.type': kind, 'graphql.fields': fields });
              return answered;
            }),
          ),
      );
    },
  };
  app.route({ ...route, method: 'GET', wsHandler: createSocketHandler(live) });
  // What is neither GET nor POST is answered by Apollo with 405.
  app.route({ ...route, method: ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] });
  return { plannedReads, live: connections };
}

/** @param rateLimits of a request that was charged before */
function contextOf(
  { operational, telemetry, handlers, vault, environment, egress, log }: GraphqlServices,
  { identity, key }: Caller,
  idempotencyKey: RequestContext['idempotencyKey'],
  rateLimits: RequestContext['rateLimits'],
  operation: OperationNote = {},
): RequestContext {
  return {
    identity,
    key,
    operational,
    telemetry,
    handlers,
    vault,
    loaders: createLoaders(operational, telemetry, identity, vault),
    rateLimits,
    operation,
    points: new PointBudget(),
    environment,
    idempotencyKey,
    egress,
    log,
  };
}

/** Node joins what is sent twice, and so would make one key of two. */
function idempotencyKeyOf({ headers, raw }: FastifyRequest): RequestContext['idempotencyKey'] {
  const value = headers['idempotency-key'];
  if (value === undefined) return undefined;
  const values = raw.headersDistinct['idempotency-key'];
  return values?.length === 1 ? values[0] : values;
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

declare module 'fastify' {
  interface FastifyRequest {
    /** Who sent a request to the API, once that is known; kept here because a WeakMap of requests is slow to collect. */
    caller?: Caller;
  }
}
