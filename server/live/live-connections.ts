import { BulkheadError } from '../../errors/bulkhead-error.js';
import type { ErrorCode } from '../../errors/error-codes.js';
import { liveBounds } from './live-bounds.js';

/** How a connection is made. */
export type LiveTransport = 'websocket' | 'event_stream';

/** Why the gateway ended a connection: by a code of an error, or for how its client behaves. */
export type LiveEnd = ErrorCode | 'PROTOCOL' | 'SLOW' | 'SILENT' | 'TOO_MANY_MESSAGES';

/** What is counted of live connections, for operators. */
export interface LiveCounts {
  /** Open connections, by transport. */
  readonly connections: Readonly<Record<LiveTransport, number>>;
  /** Subscriptions that are followed. */
  readonly subscriptions: number;
  /** Events that were sent since the start. */
  readonly events: number;
  /** Connections that the gateway has ended since the start, by reason. */
  readonly ended: Readonly<Record<string, number>>;
}

/** The live connections of one gateway, counted and bounded. */
export class LiveConnections {
  readonly #connections: Record<LiveTransport, number> = { websocket: 0, event_stream: 0 };
  readonly #byOrganization = new Map<string, number>();
  readonly #ended: Record<string, number> = {};
  readonly #closers = new Set<() => void>();
  #unknown = 0;
  #subscriptions = 0;
  #events = 0;

  get counts(): LiveCounts {
    return {
      connections: { ...this.#connections },
      subscriptions: this.#subscriptions,
      events: this.#events,
      ended: { ...this.#ended },
    };
  }

  /**
   * Counts a connection.
   * @param close ends it when the gateway stops
   * @returns to be called when it has ended
   * @throws BulkheadError UNAVAILABLE if the gateway has as many as it may
   */
  open(transport: LiveTransport, close: () => void): () => void {
    const all = this.#connections.websocket + this.#connections.event_stream;
    if (all >= liveBounds.connections) {
      throw new BulkheadError('UNAVAILABLE', `The gateway has ${liveBounds.connections} live connections`, {
        retryAfterMs: 1000,
      });
    }
    this.#connections[transport] += 1;
    this.#closers.add(close);
    return () => {
      if (this.#closers.delete(close)) this.#connections[transport] -= 1;
    };
  }

  /**
   * Counts a socket until it has said whose it is.
   * @returns to be called then, or when it has ended
   * @throws BulkheadError UNAVAILABLE if the gateway has as many of these as it may
   */
  awaitOwner(): () => void {
    if (this.#unknown >= liveBounds.unknownConnections) {
      throw new BulkheadError('UNAVAILABLE', 'Too many connections have not said whose they are', {
        retryAfterMs: 1000,
      });
    }
    this.#unknown += 1;
    return once(() => {
      this.#unknown -= 1;
    });
  }

  /**
   * Counts a connection of an organization.
   * @returns to be called when it has ended
   * @throws BulkheadError LIMIT_EXCEEDED if it has as many here as it may
   */
  own(orgId: string): () => void {
    const count = this.#byOrganization.get(orgId) ?? 0;
    if (count >= liveBounds.connectionsOfOrganization) {
      const most = liveBounds.connectionsOfOrganization;
      throw new BulkheadError(
        'LIMIT_EXCEEDED',
        `The organization has ${most} live connections here, the most it may have`,
      );
    }
    this.#byOrganization.set(orgId, count + 1);
    return once(() => {
      const left = (this.#byOrganization.get(orgId) ?? 1) - 1;
      if (left === 0) this.#byOrganization.delete(orgId);
      else this.#byOrganization.set(orgId, left);
    });
  }

  /** Counts a subscription; to be called when it has ended. */
  subscribe(): () => void {
    this.#subscriptions += 1;
    return once(() => {
      this.#subscriptions -= 1;
    });
  }

  /** Counts an event that is sent. */
  countEvent(): void {
    this.#events += 1;
  }

  /** Counts a connection that the gateway ends. */
  countEnd(reason: LiveEnd): void {
    this.#ended[reason] = (this.#ended[reason] ?? 0) + 1;
  }

  /** Ends all connections. */
  closeAll(): void {
    for (const close of [...this.#closers]) close();
  }
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    work();
  };
}
