import type { Asking, Operation } from './operation.js';

/** What came back for an asking. */
export interface Answer {
  readonly status: number;
  /** Headers by name but for those that differ from request to request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Headers of the moment, of the one request, and of the length that another way to write a number has. */
const passing = /^(ratelimit.*|x-request-id|date|content-length|keep-alive|connection)$/;

/** Sends an operation to a gateway, as one of its askings says. */
export async function ask(url: string, key: string, operation: Operation, asking: Asking): Promise<Answer> {
  const { document: query, operationName } = operation;
  const { variables, method, accept } = asking;
  const headers = { 'x-api-key': key, accept };
  const response =
    method === 'GET'
      ? await fetch(`${url}/graphql?${searchOf(query, operationName, variables)}`, { headers })
      : await fetch(`${url}/graphql`, {
          method,
          headers: { ...headers, 'content-type': 'application/json' },
          body: JSON.stringify({ query, operationName, variables }),
        });
  return {
    status: response.status,
    headers: Object.fromEntries([...response.headers].filter(([name]) => !passing.test(name))),
    text: await response.text(),
  };
}

function searchOf(query: string, operationName: string | undefined, variables: Asking['variables']): URLSearchParams {
  return new URLSearchParams({
    query,
    ...(operationName === undefined ? {} : { operationName }),
    variables: JSON.stringify(variables),
  });
}
