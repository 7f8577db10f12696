import type { ApolloServerPlugin, GraphQLResponse } from '@apollo/server';
import type { GraphQLFormattedError } from 'graphql';
import { type ErrorCode, errorCodes } from '../errors/error-codes.js';
import { nullFields } from './ready-data.js';

/**
 * HTTP status from the errors: where nothing of the operation succeeded and all root fields failed alike, the status of
 * their code; else 200. A 429 or 503 carries Retry-After.
 */
export function answerStatus(): ApolloServerPlugin {
  return {
    requestDidStart: async () => ({
      willSendResponse: async ({ response }) => setStatus(response),
    }),
  };
}

/** Sets status and Retry-After of an answer from its errors. */
export function setStatus({ body, http }: GraphQLResponse): void {
  if (body.kind !== 'single') return;
  const { data, errors } = body.singleResult;
  if (errors === undefined || errors.length === 0) return;
  const status = statusOf(data, errors);
  if (status !== undefined) http.status = status;
  const retryAfterMs = Math.max(0, ...errors.map((error) => Number(error.extensions?.['retryAfterMs'] ?? 0)));
  if (retryAfterMs > 0) http.headers.set('retry-after', String(Math.ceil(retryAfterMs / 1000)));
}

function statusOf(
  data: Record<string, unknown> | null | undefined,
  errors: readonly GraphQLFormattedError[],
): number | undefined {
  const failed = new Set(errors.map(({ path }) => path?.[0]));
  const fields = nullFields(data ?? {});
  if (fields === undefined || fields.some((name) => !failed.has(name))) return undefined;
  const statuses = new Set(errors.map((error) => errorCodes[error.extensions?.['code'] as ErrorCode]?.status));
  const [status] = statuses;
  return statuses.size === 1 ? status : undefined;
}
