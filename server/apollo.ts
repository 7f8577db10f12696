import {
  ApolloServer,
  type ApolloServerPlugin,
  type BaseContext,
  HeaderMap,
  type HTTPGraphQLResponse,
} from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import { BulkheadError } from '../errors/bulkhead-error.js';
import { answerStatus } from './answer-status.js';
import { executeChecked } from './checked-variables.js';
import { failedValidation } from './failed-validation.js';
import { formatError } from './format-error.js';
import { writeAnswer } from './ready-data.js';
import { requireAcceptable } from './require-acceptable.js';

/** Tokens of a document at most; graphql-js stops reading there. */
const maxTokens = 1000;
/** Selections that validation may visit after fragments are spread. */
const maxRecursiveSelections = 10_000;
/** Every request carries its key in one of these, which no page can make a browser send without asking first. */
const keyHeaders = ['x-api-key', 'authorization'];
/** What Apollo need not parse: these accept what is sent to whoever does not say. */
const plainAccept = new Set(['*/*', 'application/json']);
/** Milliseconds for one request, from its body to its answer. */
const requestTimeoutMs = 10_000;

/**
 * An Apollo server with what holds for both schemas: bounds on documents, errors by allow-list, HTTP status from the
 * errors, nothing that phones home.
 */
export async function createApollo<Context extends BaseContext>(
  schema: GraphQLSchema,
  plugins: readonly ApolloServerPlugin<Context>[],
  log: Logger,
): Promise<ApolloServer<Context>> {
  const apollo = new ApolloServer<Context>({
    schema,
    introspection: true,
    includeStacktraceInErrorResponses: false,
    csrfPrevention: { requestHeaders: [...keyHeaders] },
    allowBatchedHttpRequests: false,
    stopOnTerminationSignals: false,
    persistedQueries: false,
    parseOptions: { maxTokens },
    maxRecursiveSelections,
    formatError,
    stringifyResult: writeAnswer,
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      answerStatus(),
      failedValidation(),
      executeChecked(schema),
      ...plugins,
    ],
    logger: {
      debug: () => {},
      info: () => {},
      warn: (message) => log.warn(String(message)),
      error: (message) => log.error(String(message)),
    },
  });
  await apollo.start();
  return apollo;
}

/** Decides when an operation begins; `hasEnded` says whether its request has ended by now. */
export type Admission = <T>(hasEnded: () => boolean, work: () => Promise<T>) => Promise<T>;

/**
 * Answers one HTTP request.
 * @param context asked for each time that the operation is run
 * @throws BulkheadError NOT_ACCEPTABLE, before anything is run; REQUEST_TIMEOUT after 10 s; the statements still under
 * way end by their own time-out
 */
export async function answer<Context extends BaseContext>(
  apollo: ApolloServer<Context>,
  request: FastifyRequest,
  reply: FastifyReply,
  context: () => Context,
  admit: Admission = (_hasEnded, work) => work(),
): Promise<FastifyReply> {
  requireAcceptable(request.headers.accept);
  const response = await withinTime((hasEnded) =>
    admit(hasEnded, () =>
      apollo.executeHTTPGraphQLRequest({
        httpGraphQLRequest: {
          method: request.method,
          headers: headerMap(request),
          body: request.body ?? {},
          search: request.method === 'GET' ? new URL(request.url, 'http://localhost').search : '',
        },
        context: async () => context(),
      }),
    ),
  );
  for (const [name, value] of response.headers) reply.header(name, value);
  return reply.status(response.status ?? 200).send(bodyOf(response));
}

function bodyOf(response: HTTPGraphQLResponse): string {
  if (response.body.kind === 'complete') return response.body.string;
  throw new BulkheadError('BAD_REQUEST', 'Incremental delivery is not offered');
}

/** The headers that Apollo reads, and of those only what it could not know otherwise: parsing them costs more than this. */
function headerMap({ method, headers }: FastifyRequest): HeaderMap {
  const map = new HeaderMap();
  for (const name of keyHeaders) {
    const value = headers[name];
    if (typeof value === 'string') map.set(name, value);
  }
  const { accept, 'content-type': contentType } = headers;
  if (accept !== undefined && !plainAccept.has(accept)) map.set('accept', accept);
  // A body that is not JSON did not get this far.
  if (contentType !== undefined && method !== 'POST') map.set('content-type', contentType);
  return map;
}

async function withinTime<T>(work: (hasEnded: () => boolean) => Promise<T>): Promise<T> {
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new BulkheadError('REQUEST_TIMEOUT', `The request took longer than ${requestTimeoutMs / 1000} s`)),
      requestTimeoutMs,
    );
  });
  try {
    return await Promise.race([work(() => isOver), late]);
  } finally {
    isOver = true;
    clearTimeout(timer);
  }
}
