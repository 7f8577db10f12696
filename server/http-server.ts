import { randomUUID } from 'node:crypto';
import Fastify, { type FastifyInstance, type FastifyRequest, LogController } from 'fastify';
import type { Logger } from 'pino';
import { BulkheadError } from '../errors/bulkhead-error.js';
import type { OperationNote } from '../resolvers/request-context.js';
import { type RequestSpan, spanRecorder } from '../tracing/traced.js';
import { clientFault, httpFault, rawError, sendError } from './error-response.js';
import type { GatewaySignals } from './gateway-signals.js';
import { describeFailure } from './log-failures.js';

/** Bounds of one HTTP request. */
export const httpBounds = {
  /** Bytes of a body. */
  bodyBytes: 1024 * 1024,
  /** Milliseconds from its first byte to its last. */
  receiveMs: 10_000,
  /** Milliseconds between two looks for requests that have taken longer than that. */
  receiveCheckMs: 1000,
  /** Milliseconds that a connection may stand still while it is used: for clients that do not read their answer. */
  stallMs: 30_000,
  /** Milliseconds for an idle connection to stay open: longer than common load balancers keep theirs. */
  keepAliveMs: 72_000,
} as const;

/** Headers of every answer, unless a page sets its own: nothing is sniffed, framed, cached or sent on as referrer. */
const securityHeaders: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
};

/** What requests are counted as that run no operation, by route; all others are pages. */
const kinds: Readonly<Record<string, string>> = {
  '/graphql': 'graphql',
  '/operator/graphql': 'operator',
  '/hooks/:id': 'hook',
  '/health/live': 'probe',
  '/health/ready': 'probe',
  '/metrics': 'probe',
  none: 'unknown',
};

/**
 * The HTTP server with what holds for every route: bounds, a request id, security headers, errors without HTML or stack
 * traces, one log line per request.
 * @param trustedProxies proxies whose X-Forwarded-For is believed
 */
export function createHttpServer(
  log: Logger,
  trustedProxies: readonly string[],
  signals: GatewaySignals,
): FastifyInstance {
  const app = Fastify({
    loggerInstance: log as never,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: httpBounds.bodyBytes,
    requestTimeout: httpBounds.receiveMs,
    // Without a time-out of its own for the headers, Node takes that of the request for it and lets bodies take a minute.
    http: { headersTimeout: httpBounds.receiveMs, connectionsCheckingInterval: httpBounds.receiveCheckMs },
    connectionTimeout: httpBounds.stallMs,
    keepAliveTimeout: httpBounds.keepAliveMs,
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    genReqId: () => randomUUID(),
    // Every line names its request itself: a logger for each request would cost more than the line.
    childLoggerFactory: (logger) => logger,
    requestIdHeader: false,
    forceCloseConnections: 'idle',
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
    frameworkErrors: (error, request, reply) => {
      sendError(reply.header('x-request-id', request.id).headers(securityHeaders) as never, httpFault(error));
    },
    clientErrorHandler: (error, socket) => {
      if (error.code !== 'ECONNRESET' && socket.writable) socket.write(rawError(clientFault(error.code)));
      socket.destroy(error);
    },
  }) as unknown as FastifyInstance;
  // Only JSON is read; Fastify would also hand over plain text.
  app.removeContentTypeParser('text/plain');

  // Hooks that wait for nothing call back: a promise for each of them would cost every request.
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id).headers(securityHeaders);
    const recorder = spanRecorder();
    if (recorder === undefined) return done();
    const { method, headers, ips = [] } = request;
    const facts = { 'http.request.method': method, 'http.route': routeOf(request), 'request.id': request.id };
    // Only of proxies that are trusted: their address came before that of their client.
    const traceparent = ips.length > 1 ? headers['traceparent'] : undefined;
    request.span = recorder.openRequest(facts, typeof traceparent === 'string' ? traceparent : undefined);
    request.span.enter(done);
  });
  // A body arrives on behalf of its connection, which belongs to no request.
  app.addHook('preValidation', (request, _reply, done) => {
    if (request.span === undefined) done();
    else request.span.enter(done);
  });
  app.addHook('preParsing', (request, _reply, _payload, done) => {
    done(charsetFault(request.headers['content-type']));
  });
  // Idle connections are closed when the server stops; those that are in use then are told not to be used again.
  let isStopping = false;
  app.addHook('preClose', (done) => {
    isStopping = true;
    done();
  });
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (isStopping) reply.header('connection', 'close');
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const { operation } = request;
    const route = routeOf(request);
    request.span?.end(reply.statusCode);
    signals.noteRequest(operation?.kind ?? kinds[route] ?? 'page', reply.statusCode, reply.elapsedTime / 1000);
    log.info(
      {
        requestId: request.id,
        method: request.method,
        route,
        ...(operation?.kind === undefined ? {} : { operation: `${operation.kind} ${operation.fields}` }),
        status: reply.statusCode,
        durationMs: Math.round(reply.elapsedTime * 10) / 10,
        clientAddress: request.ip,
        ...request.logFields,
      },
      'request',
    );
    done();
  });
  app.decorateRequest('logFields');
  app.decorateRequest('operation');
  app.decorateRequest('span');
  app.setErrorHandler((error, request, reply) => {
    const fault = httpFault(error);
    signals.noteFault(fault.code, request.ip);
    if (fault.code === 'INTERNAL') {
      log.error({ requestId: request.id, code: fault.code, ...describeFailure(error) }, 'request failed');
    }
    return sendError(reply, fault);
  });
  app.setNotFoundHandler((_request, reply) => sendError(reply, new BulkheadError('NOT_FOUND', 'No such address')));
  return app;
}

/** The pattern of its address, which is bounded; `none` where there is no such page. */
function routeOf({ routeOptions }: FastifyRequest): string {
  return routeOptions.url ?? 'none';
}

/** A body in UTF-7 or UTF-16 would pass filters that read it as UTF-8. */
function charsetFault(contentType: string | undefined): BulkheadError | null {
  if (contentType === undefined || contentType === 'application/json') return null;
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType)?.[1]?.toLowerCase();
  if (charset === undefined || charset === 'utf-8' || charset === 'utf8') return null;
  return new BulkheadError('UNSUPPORTED_MEDIA_TYPE', 'Send application/json in UTF-8');
}

declare module 'fastify' {
  interface FastifyRequest {
    /** What the route adds to the log line of the request. */
    logFields?: Readonly<Record<string, string>>;
    /** The operation that the request runs, once that is known. */
    operation?: OperationNote;
    /** The span of the request, while tracing is on. */
    span?: RequestSpan;
  }
}
