import { randomUUID } from 'node:crypto';
import type { LiveLease } from '../../domain/live/live-leases.js';
import { BulkheadError } from '../../errors/bulkhead-error.js';
import type { LiveEvent, LiveSource } from '../../resolvers/live/live-source.js';
import type { RequestContext } from '../../resolvers/request-context.js';
import { liveBounds } from './live-bounds.js';

/** Errors that pass: what could not be read is read later. */
const passing: ReadonlySet<string> = new Set(['UNAVAILABLE', 'REQUEST_TIMEOUT', 'TELEMETRY_PROVISIONING']);

/** What a follower needs of the connection that it belongs to. */
export interface FollowerHost {
  /** Reads with a context of the subscriber as it is now. */
  read<T>(work: (context: RequestContext) => Promise<T>): Promise<T>;
  /** Takes what an event costs from the organization's bucket; 0, or milliseconds after which to try again. */
  pay(): Promise<number>;
  /** The subscriber has gone. */
  left(follower: Follower<unknown>): void;
}

/**
 * The events of one subscription. What happens while nobody asks for the next event, or within a second of the last one,
 * is kept as ids, each once: a subscriber that reads slowly gets fewer events, not later ones.
 */
export class Follower<Event> implements AsyncGenerator<LiveEvent<Event>, undefined> {
  readonly lease: LiveLease;
  readonly #source: LiveSource<Event>;
  readonly #host: FollowerHost;
  readonly #ready: LiveEvent<Event>[] = [];
  readonly #ids = new Set<string>();
  #isDue: boolean;
  #isPaid = true;
  #notBeforeMs = 0;
  #lookAtMs = Number.POSITIVE_INFINITY;
  #isOver = false;
  #failure: unknown;
  #wake = (): void => {};

  constructor(source: LiveSource<Event>, host: FollowerHost) {
    this.lease = { id: randomUUID(), kind: source.kind, topic: source.topic };
    this.#source = source;
    this.#host = host;
    // The first read was paid for with the operation.
    this.#isDue = source.isReread;
  }

  /** Something has happened. */
  notice(id: string): void {
    this.#ids.add(id);
    this.#isPaid = false;
    if (this.#ids.size > liveBounds.notices) this.gap();
    this.#wake();
  }

  /** Notices may have been missed. */
  gap(): void {
    if (this.#source.isReread) this.look();
    else
      this.fail(new BulkheadError('UNAVAILABLE', 'Events were missed: read again what you show, then subscribe again'));
  }

  /** Reads once more, e.g. because the key has other scopes. */
  look(): void {
    this.#isDue = true;
    this.#wake();
  }

  /** Ends the subscription with an error. */
  fail(error: unknown): void {
    if (this.#isOver) return;
    this.#failure = error;
    this.#leave();
  }

  async next(): Promise<IteratorResult<LiveEvent<Event>, undefined>> {
    for (;;) {
      if (this.#failure !== undefined) {
        const failure = this.#failure;
        this.#failure = undefined;
        throw failure;
      }
      if (this.#isOver) return { done: true, value: undefined };
      const value = this.#ready.shift();
      if (value !== undefined) return { done: false, value };
      const waitMs = this.#dueInMs();
      if (waitMs > 0) await this.#wait(waitMs);
      else await this.#read();
    }
  }

  async return(): Promise<IteratorResult<LiveEvent<Event>, undefined>> {
    this.#leave();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<LiveEvent<Event>, undefined>> {
    this.#leave();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#leave();
  }

  #dueInMs(): number {
    const now = performance.now();
    if (now >= this.#lookAtMs) this.#isDue = true;
    const isDue = this.#isDue || this.#ids.size > 0;
    return (isDue ? this.#notBeforeMs : this.#lookAtMs) - now;
  }

  async #read(): Promise<void> {
    let ids: string[] = [];
    const wasDue = this.#isDue;
    try {
      if (!this.#isPaid) {
        const waitMs = await this.#host.pay();
        if (waitMs > 0) {
          this.#notBeforeMs = performance.now() + waitMs;
          return;
        }
        this.#isPaid = true;
      }
      ids = [...this.#ids];
      this.#ids.clear();
      this.#isDue = false;
      const events = await this.#host.read(async (context) => {
        const values = await this.#source.next(context, ids);
        return values.map((value) => ({ value, context }));
      });
      this.#ready.push(...events);
      const now = performance.now();
      this.#notBeforeMs = now + liveBounds.eventMs;
      if (this.#source.isReread) this.#lookAtMs = now + liveBounds.lookMs;
    } catch (error) {
      if (!(error instanceof BulkheadError && passing.has(error.code))) return this.fail(error);
      for (const id of ids) this.#ids.add(id);
      this.#isDue ||= wasDue;
      this.#notBeforeMs = performance.now() + liveBounds.retryMs;
    }
  }

  async #wait(waitMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (Number.isFinite(waitMs)) timer = setTimeout(resolve, waitMs);
    });
    clearTimeout(timer);
    this.#wake = () => {};
  }

  #leave(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#ready.length = 0;
    this.#wake();
    this.#host.left(this);
  }
}
