import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

/** What became of one mutation, as its client knows. */
export type Outcome = 'acknowledged' | 'refused' | 'unknown';

/** One mutation: a thing of this name, or a reading at this moment. */
export interface Sent {
  readonly kind: 'thing' | 'reading';
  /** Name of the thing, or the moment as epoch ms. */
  readonly mark: string;
  readonly outcome: Outcome;
}

/** Where and as whom mutations are sent. */
export interface WritersOptions {
  readonly gateways: readonly string[];
  readonly apiKey: string;
  /** A key that may not do what it is used for. */
  readonly weakKey: string;
  readonly placeId: string;
  readonly typeId: string;
  /** The thing that readings are of. */
  readonly thingId: string;
}

/** Milliseconds that one request has. */
const requestMs = 12_000;
/** Milliseconds for which an unknown outcome is asked for again, by those that do. */
const insistMs = 60_000;
/** Answers that leave open what was done, and say that it is worth another try. */
const passing = ['UNAVAILABLE', 'REQUEST_TIMEOUT', 'IDEMPOTENCY_KEY_IN_USE', 'TELEMETRY_PROVISIONING'];
/** Answers that say that nothing was done. */
const refusals = ['FORBIDDEN', 'NOT_FOUND', 'RATE_LIMITED', 'BAD_REQUEST', 'CONFLICT'];

const createThing = 'mutation ($input: CreateThingInput!) { createThing(input: $input) { thing { id } } }';
const ingest = 'mutation ($input: IngestFramesInput!) { ingestFrames(input: $input) { framesIngested } }';

/** Clients that send mutations to all gateways until they are stopped, and write down what they are told. */
export class Writers {
  readonly sent: Sent[] = [];
  /** How often each code was answered. */
  readonly codes: Record<string, number> = {};
  /** Passing errors that did not say when to try again. */
  withoutRetry = 0;
  #longestGapMs = 0;
  #acknowledgedAtMs = performance.now();
  #isStopped = false;
  #moment = Date.now() - 3_600_000;
  readonly #options: WritersOptions;
  readonly #clients: Promise<void>[];

  constructor(options: WritersOptions, count: number) {
    this.#options = options;
    this.#clients = Array.from({ length: count }, (_, index) => this.#client(index));
  }

  /** Milliseconds of the longest time without any acknowledgement since it was asked last. */
  takeLongestGapMs(): number {
    const gap = Math.max(this.#longestGapMs, performance.now() - this.#acknowledgedAtMs);
    this.#longestGapMs = 0;
    return Math.round(gap);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#clients);
  }

  /** Every other client asks for outcomes that it does not know, with the same Idempotency-Key, at the other gateway too. */
  async #client(index: number): Promise<void> {
    for (let turn = index; !this.#isStopped; turn += 1) {
      const isWeak = turn % 17 === 0;
      const kind = turn % 3 === 0 ? 'reading' : 'thing';
      this.#moment += 1;
      const mark = kind === 'reading' ? String(this.#moment) : `op-${randomUUID()}`;
      const key = isWeak ? this.#options.weakKey : this.#options.apiKey;
      const idempotencyKey = randomUUID();
      const deadline = performance.now() + insistMs;
      let outcome: Outcome = 'unknown';
      for (let attempt = 0; outcome === 'unknown'; attempt += 1) {
        outcome = await this.#send(turn + attempt, key, kind, mark, idempotencyKey);
        if (outcome === 'unknown' && (index % 2 === 0 || performance.now() > deadline)) break;
        if (outcome === 'unknown') await delay(200);
      }
      this.sent.push({ kind, mark, outcome });
      if (outcome === 'unknown') await delay(50);
    }
  }

  async #send(turn: number, key: string, kind: Sent['kind'], mark: string, idempotencyKey: string): Promise<Outcome> {
    const { gateways, placeId, typeId, thingId } = this.#options;
    const input =
      kind === 'thing'
        ? { placeId, typeId, name: mark }
        : { things: [{ thingId, frames: [{ timestamp: Number(mark), metrics: { soc: 50 } }] }] };
    try {
      const response = await fetch(`${gateways[turn % gateways.length]}/graphql`, {
        method: 'POST',
        headers: { 'x-api-key': key, 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
        body: JSON.stringify({ query: kind === 'thing' ? createThing : ingest, variables: { input } }),
        signal: AbortSignal.timeout(requestMs),
      });
      const { errors } = (await response.json()) as {
        errors?: { extensions: { code: string; retryAfterMs?: number } }[];
      };
      if (errors === undefined) return this.#acknowledged();
      const [{ code, retryAfterMs } = { code: 'none' }] = errors.map(({ extensions }) => extensions);
      this.codes[code] = (this.codes[code] ?? 0) + 1;
      if (code === 'UNAVAILABLE' && retryAfterMs === undefined) this.withoutRetry += 1;
      return refusals.includes(code) ? 'refused' : 'unknown';
    } catch (error) {
      const { name } = error as Error;
      this.codes[name] = (this.codes[name] ?? 0) + 1;
      return 'unknown';
    }
  }

  #acknowledged(): Outcome {
    const now = performance.now();
    this.#longestGapMs = Math.max(this.#longestGapMs, now - this.#acknowledgedAtMs);
    this.#acknowledgedAtMs = now;
    return 'acknowledged';
  }

  /** Codes that no client should have seen in an outage. */
  get strangeCodes(): string[] {
    return Object.keys(this.codes).filter((code) => ![...passing, ...refusals, 'TimeoutError'].includes(code));
  }
}
