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
import { formatError } from './format-error.js';
import { writeAnswer } from './ready-data.js';
import { requireAcceptable } from './require-acceptable.js';

/** Tokens of a document at most; graphql-js stops reading there. */
const maxTokens = 1000;
/** Selections that validation may visit after fragments are spread. */
const maxRecursiveSelections = 10_000;
/** Every request carries its key in one of these, which no page can make a browser send without asking first. */
const keyHeaders = ['x-api-key', 'authorization'];
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

/** Decides when an operation begins; the signal says that its request has ended. */
export type Admission = <T>(signal: AbortSignal, work: () => Promise<T>) => Promise<T>;

/**
 * Answers one HTTP request.
 * @throws BulkheadError NOT_ACCEPTABLE, before anything is run; REQUEST_TIMEOUT after 10 s; the statements still under
 * way end by their own time-out
 */
export async function answer<Context extends BaseContext>(
  apollo: ApolloServer<Context>,
  request: FastifyRequest,
  reply: FastifyReply,
  context: Context,
  admit: Admission = (_signal, work) => work(),
): Promise<FastifyReply> {
  requireAcceptable(request.headers.accept);
  const response = await withinTime((signal) =>
    admit(signal, () =>
      apollo.executeHTTPGraphQLRequest({
        httpGraphQLRequest: {
          method: request.method,
          headers: headerMap(request),
          body: request.body ?? {},
          search: new URL(request.url, 'http://localhost').search,
        },
        context: async () => context,
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

function headerMap(request: FastifyRequest): HeaderMap {
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return headers;
}

async function withinTime<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const ended = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new BulkheadError('REQUEST_TIMEOUT', `The request took longer than ${requestTimeoutMs / 1000} s`)),
      requestTimeoutMs,
    );
  });
  try {
    return await Promise.race([work(ended.signal), late]);
  } finally {
    ended.abort();
    clearTimeout(timer);
  }
}
