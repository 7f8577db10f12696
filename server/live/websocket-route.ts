import type { FastifyRequest } from 'fastify';
import { GraphQLError } from 'graphql';
import { CloseCode, type Context, makeServer } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { maxSubscriptions } from '../../domain/live/live-leases.js';
import { BulkheadError } from '../../errors/bulkhead-error.js';
import { authenticateText, type Caller, presentedKey, unauthenticated } from '../authenticate.js';
import { formatError, originOf } from '../format-error.js';
import { describeFailure } from '../log-failures.js';
import { liveBounds } from './live-bounds.js';
import type { LiveServices } from './live-services.js';
import { LiveSession } from './live-session.js';
import { type OpenSubscription, openSubscription } from './open-subscription.js';
import { sendBounded } from './send-bounded.js';
import { SubscriptionRefused } from './subscription-refused.js';

/** Codes with which the gateway closes a socket, beside those of the protocol (see `docs/live.md`). */
const closeCodes = {
  goingAway: 1001,
  tryAgainLater: 1013,
  unauthenticated: CloseCode.Unauthorized,
  forbidden: CloseCode.Forbidden,
  tooMany: 4429,
  internal: CloseCode.InternalServerError,
} as const;

/** One socket, until it is closed. */
interface Connection {
  readonly request: FastifyRequest;
  readonly socket: WebSocket;
  session: LiveSession | undefined;
  /** To be called when it is known whose the socket is. */
  known: () => void;
  /** What is to be done when the socket has closed. */
  readonly atEnd: Set<() => void>;
}

/** Serves GraphQL over WebSocket, by the protocol `graphql-transport-ws`. */
export function createSocketHandler(services: LiveServices): (socket: WebSocket, request: FastifyRequest) => void {
  const server = makeServer<Record<string, unknown>, Connection>({
    connectionInitWaitTimeout: liveBounds.initMs,
    onConnect: (context) => begin(services, context),
    onSubscribe: async (context, _id, { query, variables, operationName }) => {
      const { session } = context.extra;
      if (session === undefined) throw new Error('a socket subscribed that has no session');
      if (Object.keys(context.subscriptions).length > maxSubscriptions) {
        return [
          asError(
            new BulkheadError(
              'LIMIT_EXCEEDED',
              `The socket has ${maxSubscriptions} subscriptions, the most it may have`,
            ),
          ),
        ];
      }
      try {
        const opened = await openSubscription(services, session, {
          query,
          ...(variables ? { variables } : {}),
          ...(operationName ? { operationName } : {}),
        });
        return executionOf(services, opened);
      } catch (error) {
        return [asError(error as Error)];
      }
    },
    subscribe: (args) => (args as unknown as OpenedExecution).opened.results as never,
    onNext: (_context, _id, _payload, _args, result) => result as never,
    onError: (_context, _id, _payload, errors) => errors.flatMap(shownErrors) as never,
  });
  return (socket, request) => {
    const { connections } = services;
    const connection: Connection = { request, socket, session: undefined, known: () => {}, atEnd: new Set() };
    try {
      connection.atEnd.add(
        connections.open('websocket', () => socket.close(closeCodes.goingAway, 'The gateway stops')),
      );
      connection.known = connections.awaitOwner();
      connection.atEnd.add(connection.known);
    } catch (error) {
      for (const end of connection.atEnd) end();
      endWith(services, connection, error as BulkheadError);
      return;
    }
    const closed = server.opened(
      {
        protocol: socket.protocol,
        send: (message) => sendBounded(socket, message, liveBounds, () => connections.countEnd('SLOW')),
        close: (code = closeCodes.internal, reason = '') => {
          if (socket.readyState === socket.OPEN) connections.countEnd('PROTOCOL');
          socket.close(code, reason);
        },
        onMessage: (receive) => receiveBounded(services, connection, receive),
      },
      connection,
    );
    keepAlive(services, connection);
    socket.once('close', (code, reason) => {
      connection.session?.close();
      for (const end of connection.atEnd) end();
      void closed(code, reason.toString()).catch(() => {});
      const { session } = connection;
      services.log.info(
        {
          requestId: request.id,
          code,
          clientAddress: request.ip,
          ...(session === undefined ? {} : { orgId: session.orgId, keyId: session.keyId }),
        },
        'live connection closed',
      );
    });
  };
}

/** Finds out whose the socket is; closes it where that fails. */
async function begin(
  services: LiveServices,
  { extra, connectionParams }: Context<Record<string, unknown>, Connection>,
) {
  const { socket, request, atEnd } = extra;
  try {
    const caller = await callerOfSocket(services, request, connectionParams ?? {});
    if (socket.readyState !== socket.OPEN) return false;
    extra.known();
    atEnd.add(services.connections.own(caller.identity.orgId));
    extra.session = new LiveSession(services, caller, (reason) => endWith(services, extra, reason));
    return { requestId: request.id };
  } catch (error) {
    if (error instanceof BulkheadError) {
      services.signals.noteFault(error.code, request.ip);
      endWith(services, extra, error);
    } else failed(services, extra, error);
    return false;
  }
}

function endWith({ connections }: LiveServices, { socket }: Connection, reason: BulkheadError): void {
  connections.countEnd(reason.code);
  socket.close(closeCodeOf(reason), reason.message);
}

/** The key comes in a header of the handshake, or in the payload of `connection_init`, under the same names. */
async function callerOfSocket(
  { keys, environment }: LiveServices,
  { headers, ip, id }: FastifyRequest,
  params: Readonly<Record<string, unknown>>,
): Promise<Caller> {
  const inHeaders =
    headers['x-api-key'] === undefined && headers.authorization === undefined ? undefined : presentedKey(headers);
  const given = Object.fromEntries(
    Object.entries(params).flatMap(([name, value]) => (typeof value === 'string' ? [[name.toLowerCase(), value]] : [])),
  );
  const inParams =
    given['x-api-key'] === undefined && given['authorization'] === undefined ? undefined : presentedKey(given);
  if (inHeaders !== undefined && inParams !== undefined && inHeaders !== inParams) {
    throw unauthenticated('The request carries two different keys');
  }
  const text = inHeaders ?? inParams;
  if (text === undefined) throw unauthenticated('The request carries no key');
  return authenticateText(keys, text, ip, id, environment);
}

/** Hands messages on, as many as a socket may send. */
function receiveBounded(
  services: LiveServices,
  connection: Connection,
  receive: (message: string) => Promise<void>,
): void {
  const { socket, atEnd } = connection;
  let count = 0;
  const timer = setInterval(() => {
    count = 0;
  }, 10_000);
  atEnd.add(() => clearInterval(timer));
  socket.on('message', (data) => {
    if (socket.readyState !== socket.OPEN) return;
    count += 1;
    if (count > liveBounds.messagesPerTenSeconds) {
      services.connections.countEnd('TOO_MANY_MESSAGES');
      socket.close(closeCodes.tooMany, 'Too many messages');
      return;
    }
    receive(String(data)).catch((error: unknown) => failed(services, connection, error));
  });
}

function failed(services: LiveServices, { socket, request }: Connection, error: unknown): void {
  services.log.error({ requestId: request.id, code: 'INTERNAL', ...describeFailure(error) }, 'live connection failed');
  services.connections.countEnd('INTERNAL');
  socket.close(closeCodes.internal, 'Internal error');
}

/** Pings the client; one that does not answer until the next ping is gone. */
function keepAlive(services: LiveServices, { socket, atEnd }: Connection): void {
  let isAlive = true;
  socket.on('pong', () => {
    isAlive = true;
  });
  const timer = setInterval(() => {
    if (!isAlive) {
      services.connections.countEnd('SILENT');
      socket.terminate();
      return;
    }
    isAlive = false;
    socket.ping();
  }, liveBounds.pingMs);
  atEnd.add(() => clearInterval(timer));
}

function closeCodeOf({ code }: BulkheadError): number {
  switch (code) {
    case 'UNAUTHENTICATED':
      return closeCodes.unauthenticated;
    case 'ADDRESS_NOT_ALLOWED':
      return closeCodes.forbidden;
    case 'LIMIT_EXCEEDED':
      return closeCodes.tooMany;
    case 'UNAVAILABLE':
      return closeCodes.tryAgainLater;
    default:
      return closeCodes.internal;
  }
}

/** What graphql-ws takes for the arguments of an execution, with what was opened already. */
interface OpenedExecution {
  readonly opened: OpenSubscription;
}

function executionOf({ schema }: LiveServices, opened: OpenSubscription) {
  const execution = {
    schema,
    document: opened.document,
    operationName: opened.operationName,
    rootValue: null,
    contextValue: null,
  };
  return { ...execution, opened } as never;
}

function asError(error: Error): GraphQLError {
  return new GraphQLError(error.message, { originalError: error });
}

function shownErrors(error: GraphQLError) {
  const origin = originOf(error);
  return origin instanceof SubscriptionRefused ? origin.errors : [formatError(error.toJSON(), error)];
}
