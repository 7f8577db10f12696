import { createSourceEventStream, type DocumentNode, type FormattedExecutionResult } from 'graphql';
import type { TokenCost } from '../../auth/rate-limits/draw.js';
import { rateLimitHeaders } from '../../auth/rate-limits/rate-limit-headers.js';
import type { LiveEvent } from '../../resolvers/live/live-source.js';
import type { RequestContext } from '../../resolvers/request-context.js';
import { rateLimited } from '../charge-operation.js';
import { rememberedCost } from '../remembered-cost.js';
import { EventResults } from './event-results.js';
import type { LiveServices } from './live-services.js';
import type { LiveSession } from './live-session.js';
import type { OpenedOperation, OpeningDoor } from './opened-operation.js';
import { refused, SubscriptionRefused } from './subscription-refused.js';

/** What a subscriber sends. */
export interface SubscriptionRequest {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
}

/** A subscription that was opened. */
export interface OpenSubscription {
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
  readonly results: AsyncGenerator<FormattedExecutionResult, undefined>;
  /** How much the organization has left. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Opens a subscription: it is parsed, validated, bounded and paid for as an operation over HTTP, by the same server, and
 * then subscribed to as the subscriber is now.
 * @throws SubscriptionRefused
 */
export async function openSubscription(
  services: LiveServices,
  session: LiveSession,
  request: SubscriptionRequest,
): Promise<OpenSubscription> {
  try {
    const empty = services.emptyBuckets.find(session.orgId);
    if (empty !== undefined) throw rateLimited(empty.retryAfterMs);
    const opening = new Opening(services, session);
    return await services.slots.run(
      session.orgId,
      () => session.isOver,
      () => session.act((context) => opening.run(context, request), opening),
    );
  } catch (error) {
    throw refused(services.log, session.requestId, [error]);
  }
}

/** One attempt to subscribe, made anew if the key has changed. */
class Opening implements OpeningDoor {
  readonly #services: LiveServices;
  readonly #session: LiveSession;
  #opened: OpenedOperation | undefined;
  #tokens: TokenCost = { STANDARD: 0, DATA_READ: 0 };

  constructor(services: LiveServices, session: LiveSession) {
    this.#services = services;
    this.#session = session;
  }

  accept(opened: OpenedOperation): void {
    this.#opened = opened;
    const { schema } = this.#services;
    this.#tokens = rememberedCost(schema, opened.document, opened.operation, opened.variables).tokens;
  }

  follow: OpeningDoor['follow'] = (source) => {
    const cost: TokenCost = { STANDARD: 0, DATA_READ: this.#tokens.DATA_READ };
    return this.#session.follow(source, async () => {
      if (cost.DATA_READ === 0) return 0;
      const charge = await this.#session.act(({ identity }) => this.#services.tokens.take(identity, cost));
      return charge.granted ? 0 : charge.retryAfterMs;
    });
  };

  async run(
    context: RequestContext,
    { query, variables, operationName }: SubscriptionRequest,
  ): Promise<OpenSubscription> {
    const { apollo, schema } = this.#services;
    this.#opened = undefined;
    const { body } = await apollo.executeOperation(
      {
        query,
        ...(variables === undefined ? {} : { variables }),
        ...(operationName === undefined ? {} : { operationName }),
      },
      { contextValue: context },
    );
    const errors = body.kind === 'single' ? body.singleResult.errors : undefined;
    const opened = this.#opened as OpenedOperation | undefined;
    if (errors !== undefined || opened === undefined) throw new SubscriptionRefused(errors ?? []);
    const args = {
      schema,
      document: opened.document,
      operationName: operationName ?? null,
      variableValues: variables ?? {},
    };
    const stream = await createSourceEventStream({ ...args, contextValue: context });
    if (!(Symbol.asyncIterator in stream))
      throw refused(this.#services.log, this.#session.requestId, stream.errors ?? []);
    const events = (stream as AsyncIterable<LiveEvent<unknown>>)[Symbol.asyncIterator]();
    return {
      document: opened.document,
      operationName,
      results: new EventResults(this.#services, this.#session, events, args, this.#tokens),
      headers: rateLimitHeaders(context.rateLimits),
    };
  }
}
