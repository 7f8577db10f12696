import type { LiveKind } from '../../domain/live/live-kind.js';
import type { RequestContext } from '../request-context.js';

/** What a subscription follows: where its events come from. */
export interface LiveSource<Event> {
  readonly kind: LiveKind;
  /** Id of what is watched, as `publishLive` is given it; `everyTopic` for everything of the kind. */
  readonly topic: string;
  /**
   * Whether reading once more finds what a lost notice would have told. Such a source is read at the start, from time to
   * time, and when notices may have been missed; the subscription to any other ends with an error then.
   */
  readonly isReread: boolean;
  /**
   * The events that follow from notices. Called one at a time, seldom enough, with a context of the subscriber as it is
   * now: read rows through it, so that revoked keys and lowered scopes take effect.
   * @param ids what the notices named, each once; empty for a look without one
   * @throws BulkheadError UNAVAILABLE, REQUEST_TIMEOUT, TELEMETRY_PROVISIONING to be asked again later; after anything else
   * the subscription ends with that error
   */
  next(context: RequestContext, ids: readonly string[]): Promise<readonly Event[]>;
}

/** How a subscription field reaches the connection of its subscriber. */
export interface LiveDoor {
  /**
   * Follows a source until the subscriber goes.
   * @throws BulkheadError LIMIT_EXCEEDED if the organization has as many subscriptions as it may
   */
  follow<Event>(source: LiveSource<Event>): Promise<AsyncIterable<LiveEvent<Event>>>;
}

/** An event, with the context in which it was read and is to be answered. */
export interface LiveEvent<Event> {
  readonly value: Event;
  readonly context: RequestContext;
}
