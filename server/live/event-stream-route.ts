import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { FormattedExecutionResult } from 'graphql';
import { BulkheadError } from '../../errors/bulkhead-error.js';
import { authenticate } from '../authenticate.js';
import { extensionsOf } from '../format-error.js';
import { liveBounds } from './live-bounds.js';
import type { LiveServices } from './live-services.js';
import { LiveSession } from './live-session.js';
import { type OpenSubscription, openSubscription, type SubscriptionRequest } from './open-subscription.js';
import { SubscriptionRefused } from './subscription-refused.js';

/** A comment, which clients skip: the stream has begun, or goes on. */
const comment = ':\n\n';
const complete = 'event: complete\ndata:\n\n';
const mediaType = 'text/event-stream';

/**
 * Subscriptions as event streams, by the protocol GraphQL over Server-Sent Events in its mode of distinct connections: one
 * POST for each subscription. For clients behind proxies that know no WebSockets.
 */
export function addEventStreamRoute(app: FastifyInstance, services: LiveServices): void {
  app.post('/graphql/stream', {
    onRequest: async (request) => {
      const { keys, environment } = services;
      const caller = await authenticate(keys, request.headers, request.ip, request.id, environment);
      request.caller = caller;
      request.logFields = { orgId: caller.identity.orgId, keyId: caller.key.id };
    },
    handler: (request, reply) => stream(services, request, reply),
  });
}

async function stream(services: LiveServices, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { connections } = services;
  const { caller } = request;
  if (caller === undefined) throw new Error('the request was not authenticated');
  if (!accepts(request.headers.accept)) throw new BulkheadError('NOT_ACCEPTABLE', `Accept ${mediaType} here`);
  const wanted = readRequest(request.body);
  const { raw: response } = reply;
  let ending: BulkheadError | undefined;
  const ended = connections.open('event_stream', () => response.destroy());
  const atEnd = [ended];
  try {
    atEnd.push(connections.own(caller.identity.orgId));
    let results: OpenSubscription['results'] | undefined;
    const session = new LiveSession(services, caller, (reason) => {
      connections.countEnd(reason.code);
      ending = reason;
      void results?.return(undefined);
    });
    atEnd.push(() => session.close());
    response.once('close', () => {
      session.close();
      void results?.return(undefined);
    });
    const opened = await openSubscription(services, session, wanted);
    results = opened.results;
    if (session.isOver) await results.return(undefined);
    if (response.destroyed) return reply;
    reply.headers(opened.headers);
    reply.hijack();
    for (const [name, value] of Object.entries(reply.getHeaders()))
      if (value !== undefined) response.setHeader(name, value);
    // Proxies that gather answers would keep events back.
    response.writeHead(200, { 'content-type': `${mediaType}; charset=utf-8`, 'x-accel-buffering': 'no' });
    await send(services, response, results, () => ending);
    return reply;
  } catch (error) {
    if (!(error instanceof SubscriptionRefused)) throw error;
    const retryAfterMs = Number(error.errors[0]?.extensions?.['retryAfterMs'] ?? 0);
    if (retryAfterMs > 0) reply.header('retry-after', String(Math.ceil(retryAfterMs / 1000)));
    return reply.status(error.status).type('application/json; charset=utf-8').send({ errors: error.errors });
  } finally {
    for (const end of atEnd) end();
  }
}

async function send(
  services: LiveServices,
  response: ServerResponse,
  results: OpenSubscription['results'],
  ending: () => BulkheadError | undefined,
): Promise<void> {
  const write = (text: string) => writeBounded(services, response, text);
  await write(comment);
  const timer = setInterval(() => {
    if (!response.writableNeedDrain) response.write(comment);
  }, liveBounds.pingMs);
  try {
    for await (const result of results) await write(nextOf(result));
    const reason = ending();
    if (reason !== undefined) {
      const { code, message, details } = reason;
      await write(nextOf({ errors: [{ message, extensions: extensionsOf(code, message, details) }] }));
    }
  } catch (error) {
    if (!(error instanceof SubscriptionRefused)) throw error;
    await write(nextOf({ errors: error.errors }));
  } finally {
    clearInterval(timer);
  }
  response.end(complete);
}

function nextOf(result: FormattedExecutionResult): string {
  return `event: next\ndata: ${JSON.stringify(result)}\n\n`;
}

/** Writes, and waits until the client has read enough; one that does not read is cut off. */
async function writeBounded({ connections }: LiveServices, response: ServerResponse, text: string): Promise<void> {
  if (response.destroyed || response.write(text)) return;
  try {
    await once(response, 'drain', { signal: AbortSignal.timeout(liveBounds.flushMs) });
  } catch {
    if (!response.destroyed) connections.countEnd('SLOW');
    response.destroy();
  }
}

function accepts(accept: string | undefined): boolean {
  return (accept ?? '').split(',').some((range) => range.split(';')[0]?.trim().toLowerCase() === mediaType);
}

/** @throws BulkheadError BAD_REQUEST */
function readRequest(body: unknown): SubscriptionRequest {
  const { query, variables, operationName } = (body ?? {}) as Readonly<Record<string, unknown>>;
  const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
  if (typeof query !== 'string')
    throw new BulkheadError('BAD_REQUEST', 'The body is a JSON object with a text `query`');
  if (variables !== undefined && variables !== null && !isObject(variables)) {
    throw new BulkheadError('BAD_REQUEST', '`variables` is an object');
  }
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string') {
    throw new BulkheadError('BAD_REQUEST', '`operationName` is a text');
  }
  return {
    query,
    ...(variables ? { variables: variables as Record<string, unknown> } : {}),
    ...(operationName ? { operationName } : {}),
  };
}
