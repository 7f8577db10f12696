/** An answer of the gateway. */
export interface GraphqlAnswer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly data: any;
  readonly errors: readonly GraphqlAnswerError[];
  /** The whole body, to search for what must not be in it. */
  readonly text: string;
}

/** An error of an answer. */
export interface GraphqlAnswerError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  // biome-ignore lint/suspicious/noExplicitAny: tests look into errors of every shape
  readonly extensions: any;
}

/** Speaks to one gateway with one key, over HTTP as a user would. */
export interface GraphqlClient {
  readonly url: string;
  readonly key: string | undefined;
  /** The answer, whatever it is. */
  send(
    query: string,
    variables?: Readonly<Record<string, unknown>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<GraphqlAnswer>;
  /** The data of an answer without errors; otherwise throws with all that is needed to see why. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  ok(query: string, variables?: Readonly<Record<string, unknown>>): Promise<any>;
  /** The codes of the errors of an answer; throws if there are none. */
  codes(query: string, variables?: Readonly<Record<string, unknown>>): Promise<string[]>;
}

/** A client for a gateway. */
export function graphqlClient(url: string, key: string | undefined, path = '/graphql'): GraphqlClient {
  const send = async (
    query: string,
    variables: Readonly<Record<string, unknown>> = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<GraphqlAnswer> => {
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { 'x-api-key': key }), ...headers },
      body: JSON.stringify({ query, variables }),
    });
    const text = await response.text();
    const body = JSON.parse(text);
    return { status: response.status, headers: response.headers, data: body.data, errors: body.errors ?? [], text };
  };
  const described = (query: string, variables: unknown, answer: GraphqlAnswer) =>
    `${query}\nvariables: ${JSON.stringify(variables)}\nstatus ${answer.status}, request ${answer.headers.get('x-request-id')}\n${answer.text}`;
  return {
    url,
    key,
    send,
    ok: async (query, variables) => {
      const answer = await send(query, variables);
      if (answer.errors.length > 0) throw new Error(`expected no errors:\n${described(query, variables, answer)}`);
      return answer.data;
    },
    codes: async (query, variables) => {
      const answer = await send(query, variables);
      if (answer.errors.length === 0) throw new Error(`expected errors:\n${described(query, variables, answer)}`);
      return answer.errors.map((error) => error.extensions.code);
    },
  };
}
