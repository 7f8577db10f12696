import { setTimeout as delay } from 'node:timers/promises';
import { type AnswerError, ApiFailure } from './api-failure.js';

/** How to reach the API. */
export interface ApiAccess {
  /** Address of the gateway, e.g. `http://127.0.0.1:4000`. */
  readonly url: string;
  readonly apiKey: string;
}

/** How patient a client is. */
export interface ApiClientOptions {
  /** Ends waiting and requests under way. */
  readonly signal?: AbortSignal;
  /** Milliseconds that one operation may wait in all for the gateway to be able to serve it (default 10 min). */
  readonly maxWaitMs?: number;
  /** Called when an operation has to wait: why, and for how many milliseconds. */
  readonly onWait?: (reason: string, waitMs: number) => void;
}

/** What an operation may be told. */
export interface RunOptions {
  /** Whether it does no harm when it is carried out twice, as a query or an ingest (default false). */
  readonly isRepeatable?: boolean;
}

/** Codes that say that nothing was done and the same operation can succeed later. */
const passingCodes = new Set(['RATE_LIMITED', 'TELEMETRY_PROVISIONING', 'VAULT_PROVISIONING', 'REFUSED_CONNECTION']);
/** Codes that leave it open whether it was carried out. */
const doubtfulCodes = new Set(['UNAVAILABLE', 'UNREACHABLE']);

/** Milliseconds that one request may take. */
const requestTimeoutMs = 60_000;
/** Waiting time where the gateway names none: doubling from the first to the last. */
const backOff = { firstMs: 500, lastMs: 10_000 } as const;

type Attempt<Data> =
  | { readonly data: Data }
  | { readonly failure: ApiFailure; readonly retryAfterMs: number | undefined };

/** A client of the public API: one key, one operation at a time, polite about limits. */
export class ApiClient {
  readonly #access: ApiAccess;
  readonly #options: ApiClientOptions;

  constructor(access: ApiAccess, options: ApiClientOptions = {}) {
    this.#access = access;
    this.#options = options;
  }

  /**
   * Runs one operation. Where the gateway says to come back later (rate limit, new organization), this does; after a
   * fault that leaves it open whether the operation was carried out, only where it is repeatable.
   * @throws ApiFailure for every other answer with errors, or when the patience is at its end; AbortError
   */
  async run<Data>(
    document: string,
    variables: Readonly<Record<string, unknown>> = {},
    { isRepeatable = false }: RunOptions = {},
  ): Promise<Data> {
    const { maxWaitMs = 600_000, onWait = () => {}, signal } = this.#options;
    const deadline = Date.now() + maxWaitMs;
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#attempt<Data>(document, variables);
      if ('data' in outcome) return outcome.data;
      const { failure, retryAfterMs } = outcome;
      const waitMs = retryAfterMs ?? Math.min(backOff.lastMs, backOff.firstMs * 2 ** Math.min(attempt - 1, 10));
      const canPass = passingCodes.has(failure.code) || (isRepeatable && doubtfulCodes.has(failure.code));
      if (!canPass || Date.now() + waitMs > deadline) throw failure;
      onWait(failure.message, waitMs);
      await delay(waitMs, undefined, signal === undefined ? {} : { signal });
    }
  }

  async #attempt<Data>(query: string, variables: Readonly<Record<string, unknown>>): Promise<Attempt<Data>> {
    const { signal } = this.#options;
    const timeout = AbortSignal.timeout(requestTimeoutMs);
    try {
      const response = await fetch(new URL('/graphql', this.#access.url), {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': this.#access.apiKey },
        body: JSON.stringify({ query, variables }),
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      });
      return readAnswer<Data>(response, await response.text());
    } catch (error) {
      signal?.throwIfAborted();
      const fault = networkFault(error);
      const code = fault === 'ECONNREFUSED' ? 'REFUSED_CONNECTION' : 'UNREACHABLE';
      const message = `${this.#access.url} cannot be reached (${fault})`;
      return { failure: new ApiFailure(code, message), retryAfterMs: undefined };
    }
  }
}

function readAnswer<Data>(response: Response, body: string): Attempt<Data> {
  const answer = parseAnswer<Data>(body);
  const [first] = answer?.errors ?? [];
  if (answer !== undefined && first === undefined && answer.data !== undefined) return { data: answer.data };
  if (answer === undefined || first === undefined) {
    const message = `the address answers with HTTP ${response.status}, but not as a Bulkhead does`;
    return {
      failure: new ApiFailure(response.status >= 500 ? 'UNAVAILABLE' : 'NOT_BULKHEAD', message),
      retryAfterMs: undefined,
    };
  }
  const code = first.extensions?.code ?? 'INTERNAL';
  return {
    failure: new ApiFailure(code, first.message, answer.errors),
    retryAfterMs: first.extensions?.retryAfterMs ?? retryAfter(response),
  };
}

function parseAnswer<Data>(body: string): { data?: Data; errors?: AnswerError[] } | undefined {
  try {
    const answer = JSON.parse(body) as unknown;
    return typeof answer === 'object' && answer !== null ? answer : undefined;
  } catch {
    return undefined;
  }
}

/** Header Retry-After in its form of seconds (RFC 9110 section 10.2.3). */
function retryAfter(response: Response): number | undefined {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}

function networkFault(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown fault';
  const { code } = (error.cause ?? {}) as { code?: string };
  return code ?? error.name;
}
