import { type ExecutionArgs, execute, type FormattedExecutionResult } from 'graphql';
import type { TokenCost } from '../../auth/rate-limits/draw.js';
import { closePurse, openPurse } from '../../auth/rate-limits/token-purse.js';
import type { LiveEvent } from '../../resolvers/live/live-source.js';
import type { LiveServices } from './live-services.js';
import type { LiveSession } from './live-session.js';
import { refused } from './subscription-refused.js';

/**
 * The answers to the events of a subscription: each is executed with the context in which the event was read. Ends after
 * an answer without data.
 */
export class EventResults implements AsyncGenerator<FormattedExecutionResult, undefined> {
  readonly #services: LiveServices;
  readonly #session: LiveSession;
  readonly #events: AsyncIterator<LiveEvent<unknown>>;
  readonly #args: ExecutionArgs;
  readonly #tokens: TokenCost;
  readonly #left: () => void;
  #isOver = false;

  /** @param tokens what the operation costs: its fields resolve once for each event */
  constructor(
    services: LiveServices,
    session: LiveSession,
    events: AsyncIterator<LiveEvent<unknown>>,
    args: ExecutionArgs,
    tokens: TokenCost,
  ) {
    this.#services = services;
    this.#session = session;
    this.#events = events;
    this.#args = args;
    this.#tokens = tokens;
    this.#left = services.connections.subscribe();
  }

  /** @throws SubscriptionRefused with the error that ends the subscription */
  async next(): Promise<IteratorResult<FormattedExecutionResult, undefined>> {
    if (this.#isOver) return this.return();
    try {
      const event = await this.#events.next();
      if (event.done === true) return await this.return();
      const value = await this.#answer(event.value);
      if (value.data === null) await this.return();
      this.#services.connections.countEvent();
      return { done: false, value };
    } catch (error) {
      await this.return();
      throw refused(this.#services.log, this.#session.requestId, [error]);
    }
  }

  async return(): Promise<IteratorResult<FormattedExecutionResult, undefined>> {
    this.#isOver = true;
    this.#left();
    await this.#events.return?.();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<FormattedExecutionResult, undefined>> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  async #answer({ value, context }: LiveEvent<unknown>): Promise<FormattedExecutionResult> {
    const { slots } = this.#services;
    const { requestId } = context.identity;
    openPurse(requestId, this.#tokens);
    try {
      const { data, errors } = await slots.run(
        this.#session.orgId,
        () => this.#isOver,
        async () => execute({ ...this.#args, rootValue: value, contextValue: context }),
      );
      const shown =
        errors === undefined ? {} : { errors: refused(this.#services.log, this.#session.requestId, errors).errors };
      return { data: data ?? null, ...shown };
    } finally {
      closePurse(requestId);
    }
  }
}
