import { expect } from '@jest/globals';
import { type ErrorCode, errorCodes } from '../../errors/error-codes.js';

/** An answer of the gateway, read as text. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A request with a body of our own making. */
export interface RawRequest {
  readonly path?: string;
  readonly method?: string;
  readonly key?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

/** Sends a request as it is written; POST with JSON unless told otherwise. */
export async function rawRequest(url: string, request: RawRequest): Promise<RawAnswer> {
  const { path = '/graphql', method = 'POST', key, headers = {}, body } = request;
  const response = await fetch(`${url}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(key === undefined ? {} : { 'x-api-key': key }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** A request of a document with JSON variables. */
export function documentRequest(key: string | undefined, query: string, variables: unknown = {}): RawRequest {
  return { key, body: JSON.stringify({ query, variables }) };
}

/**
 * Expects that an answer is an error as every client reads it: JSON with message, code and problem, the status of the
 * code, a request id, and neither a page nor a stack trace.
 */
export function expectError(answer: RawAnswer, code: ErrorCode): void {
  const { status, title } = errorCodes[code];
  expect([answer.status, answer.text]).toEqual([status, expect.stringContaining(`"code":"${code}"`)]);
  expect(answer.headers.get('content-type')).toMatch(/^application\/(graphql-response\+)?json; charset=utf-8$/);
  expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  expect(answer.text).not.toMatch(/<html|<!doctype|node_modules|\.[jt]s:\d+|"stack/i);
  const { errors } = JSON.parse(answer.text);
  expect(errors.length).toBeGreaterThan(0);
  for (const error of errors) {
    const slug = error.extensions.code.toLowerCase().replaceAll('_', '-');
    expect(error.extensions.problem).toMatchObject({ type: `urn:bulkhead:error:${slug}`, detail: expect.any(String) });
    expect(error.message).toEqual(expect.any(String));
  }
  expect(errors[0].extensions.problem).toMatchObject({ status, title });
}
