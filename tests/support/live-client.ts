import { createClient as createStreamClient } from 'graphql-sse';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

/** Milliseconds that a test waits for something that has to happen. */
const patienceMs = 60_000;

/** What came of one subscription so far. */
export interface Subscriber {
  /** Answers to events. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly events: any[];
  /** Codes of the errors that ended it. */
  readonly codes: string[];
  /** Code with which the socket was closed. */
  closeCode: number | undefined;
  isOver: boolean;
  /** Waits until a condition holds. */
  until(condition: (subscriber: Subscriber) => boolean): Promise<void>;
  /** Unsubscribes, and closes the socket. */
  stop(): Promise<void>;
}

/** Waits for a condition with a deadline. */
export async function eventually(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** How a subscriber presents itself. */
export interface SubscriberOptions {
  readonly key?: string;
  /** Payload of `connection_init`. */
  readonly params?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Subscribes over WebSocket, as a client of `graphql-ws` does; it does not try again. */
export function subscribe(
  url: string,
  { key, params, headers }: SubscriberOptions,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
): Subscriber {
  class KeyedSocket extends WebSocket {
    constructor(address: string, protocols?: string) {
      super(address, protocols, { headers: { ...headers, ...(key === undefined ? {} : { 'x-api-key': key }) } });
    }
  }
  const client: Client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: KeyedSocket,
    retryAttempts: 0,
    lazy: true,
    ...(params === undefined ? {} : { connectionParams: { ...params } }),
  });
  const subscriber = newSubscriber(async () => {
    release();
    await client.dispose();
  });
  client.on('closed', (event) => {
    subscriber.closeCode = (event as { code: number }).code;
    subscriber.isOver = true;
  });
  const release = client.subscribe({ query, variables: { ...variables } }, sinkOf(subscriber));
  return subscriber;
}

/** Subscribes by an event stream, as a client of `graphql-sse` does; it does not try again. */
export function subscribeByStream(
  url: string,
  key: string,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
): Subscriber {
  const client = createStreamClient({ url: `${url}/graphql/stream`, headers: { 'x-api-key': key }, retryAttempts: 0 });
  const subscriber = newSubscriber(async () => {
    release();
    client.dispose();
  });
  const release = client.subscribe({ query, variables: { ...variables } }, sinkOf(subscriber));
  return subscriber;
}

function newSubscriber(stop: () => Promise<void>): Subscriber {
  const subscriber: Subscriber = {
    events: [],
    codes: [],
    closeCode: undefined,
    isOver: false,
    until: async (condition) => {
      try {
        await eventually('a subscription', () => condition(subscriber));
      } catch (error) {
        const { events, codes, closeCode, isOver } = subscriber;
        throw new Error(JSON.stringify({ events, codes, closeCode, isOver }), { cause: error });
      }
    },
    stop,
  };
  return subscriber;
}

function sinkOf(subscriber: Subscriber) {
  const note = (errors: readonly { readonly extensions?: unknown }[]) => {
    for (const { extensions } of errors) subscriber.codes.push((extensions as { code: string }).code);
  };
  return {
    next: (result: { data?: unknown; errors?: readonly { readonly extensions?: unknown }[] | undefined }) => {
      if (result.errors !== undefined) note(result.errors);
      if (result.data) subscriber.events.push(result.data);
    },
    error: (error: unknown) => {
      if (Array.isArray(error)) note(error);
      else if (typeof (error as { code?: unknown })?.code === 'number') {
        subscriber.closeCode = (error as { code: number }).code;
      } else subscriber.codes.push(String(error));
      subscriber.isOver = true;
    },
    complete: () => {
      subscriber.isOver = true;
    },
  };
}
