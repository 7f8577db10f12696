import { randomUUID } from 'node:crypto';
import { createIdentity, systemIdentity } from '../../auth/identity.js';
import type { RateLimitState } from '../../auth/rate-limits/rate-limit-state.js';
import { withOrg } from '../../db/with-org.js';
import { leaseLive, prolongLive, releaseLive } from '../../domain/live/live-leases.js';
import { BulkheadError } from '../../errors/bulkhead-error.js';
import type { LiveDoor, LiveSource } from '../../resolvers/live/live-source.js';
import type { RequestContext } from '../../resolvers/request-context.js';
import { type Caller, callerOf, unauthenticated } from '../authenticate.js';
import { Follower } from './follower.js';
import { liveBounds } from './live-bounds.js';
import type { LiveServices } from './live-services.js';

/** Longest time of a timer, in milliseconds. */
const maxTimerMs = 2 ** 31 - 1;
/** Errors that say that a key may not be used any more. */
const endings: ReadonlySet<string> = new Set(['UNAUTHENTICATED', 'ADDRESS_NOT_ALLOWED']);

/**
 * The subscriber behind one connection, as it is now. Its key is confirmed every three seconds, at every notice of a
 * change of it, and with every read; it ends with the key, or with the secret that was presented.
 */
export class LiveSession {
  readonly #services: LiveServices;
  readonly #end: (reason: BulkheadError) => void;
  readonly #followers = new Set<Follower<unknown>>();
  readonly #timer: NodeJS.Timeout;
  readonly #unwatch: () => void;
  #expiry: NodeJS.Timeout | undefined;
  #caller: Caller;
  #isOver = false;
  #confirming: Promise<void> | undefined;
  #isConfirmationDue = false;

  /** @param end closes the connection; called once, if the session ends before `close` */
  constructor(services: LiveServices, caller: Caller, end: (reason: BulkheadError) => void) {
    this.#services = services;
    this.#caller = caller;
    this.#end = end;
    this.#timer = setInterval(() => this.#confirm(), liveBounds.confirmMs);
    this.#unwatch = services.keys.watch(caller.key.id, () => this.#confirm());
    this.#awaitExpiry();
    // What changed between the look-up of the key and the watch.
    this.#confirm();
  }

  get orgId(): string {
    return this.#caller.identity.orgId;
  }

  get keyId(): string {
    return this.#caller.key.id;
  }

  /** Id of the connection's own request, by which its client and the log know it. */
  get requestId(): string {
    return this.#caller.identity.requestId;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /**
   * Runs `work` as the subscriber is now, and once more if PostgreSQL says that the key has changed since.
   * @throws BulkheadError UNAUTHENTICATED, ADDRESS_NOT_ALLOWED when the key may not be used any more; the session has
   * ended then
   */
  async act<T>(
    work: (context: RequestContext) => Promise<T>,
    door?: LiveDoor,
    rateLimits: readonly RateLimitState[] = [],
  ): Promise<T> {
    const context = this.#contextNow(door, rateLimits);
    let outcome: T | undefined;
    let failure: unknown;
    try {
      outcome = await work(context);
    } catch (error) {
      failure = error;
    }
    if (context.identity.fate.isRefused) {
      await this.#lookAgain();
      return work(this.#contextNow(door, context.rateLimits));
    }
    if (failure !== undefined) throw failure;
    return outcome as T;
  }

  /**
   * Follows a source until its subscriber goes.
   * @param pay as `FollowerHost` has it
   * @throws BulkheadError LIMIT_EXCEEDED, UNAVAILABLE
   */
  async follow<Event>(source: LiveSource<Event>, pay: () => Promise<number>): Promise<Follower<Event>> {
    const { notices, slots } = this.#services;
    await notices.listening();
    let unwatch = () => {};
    const follower: Follower<Event> = new Follower(source, {
      read: (work) =>
        slots.run(
          this.orgId,
          () => this.#isOver,
          () => this.act(work),
        ),
      pay,
      left: () => {
        unwatch();
        this.#followers.delete(follower);
        this.#release([follower.lease.id]);
      },
    });
    // Watched before it is leased, and leased before it is read: little falls in between, and what does is looked for.
    unwatch = notices.watch(this.orgId, {
      kind: source.kind,
      topic: source.topic,
      onNotice: (id) => follower.notice(id),
      onGap: () => follower.gap(),
    });
    try {
      await this.#lease(follower);
    } catch (error) {
      await follower.return();
      throw error;
    }
    if (this.#isOver) await follower.return();
    else this.#followers.add(follower);
    return follower;
  }

  /** Ends all subscriptions of the connection. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearInterval(this.#timer);
    clearTimeout(this.#expiry);
    this.#unwatch();
    for (const follower of [...this.#followers]) void follower.return();
  }

  #contextNow(live: LiveDoor | undefined, rateLimits: readonly RateLimitState[]): RequestContext {
    const { identity } = this.#caller;
    // An identity for each piece of work: what became of its transactions is noted on it.
    const caller = {
      ...this.#caller,
      identity: createIdentity({ ...identity, requestId: randomUUID() }, identity.grants),
    };
    return { ...this.#services.contextOf(caller, rateLimits), ...(live === undefined ? {} : { live }) };
  }

  #lease({ lease }: Follower<unknown>): Promise<void> {
    return this.act((context) =>
      withOrg(this.#services.operational, context.identity, 'read', (tx) => leaseLive(tx, lease)),
    );
  }

  /** In the name of the system: the key may be revoked by now. What cannot be released runs out. */
  #release(ids: readonly string[]): void {
    const identity = systemIdentity(this.orgId, 'live', this.requestId);
    withOrg(this.#services.operational, identity, 'read', (tx) => releaseLive(tx, ids)).catch(() => {});
  }

  #confirm(): void {
    if (this.#isOver) return;
    if (this.#confirming !== undefined) {
      this.#isConfirmationDue = true;
      return;
    }
    // While the database does not answer nothing is read for the subscriber either.
    this.#confirming = this.#prolong()
      .catch(() => {})
      .finally(() => {
        this.#confirming = undefined;
        if (!this.#isConfirmationDue) return;
        this.#isConfirmationDue = false;
        this.#confirm();
      });
  }

  async #prolong(): Promise<void> {
    this.#services.noteUse(this.#caller);
    const followers = [...this.#followers];
    const ids = followers.map(({ lease }) => lease.id);
    const prolonged = await this.act((context) =>
      withOrg(this.#services.operational, context.identity, 'read', (tx) => prolongLive(tx, ids)),
    );
    // Those that have run out, or were lost in a crash of the database.
    for (const follower of followers) {
      if (prolonged.includes(follower.lease.id) || !this.#followers.has(follower)) continue;
      await this.#lease(follower).then(
        () => follower.gap(),
        (error: unknown) => {
          if (error instanceof BulkheadError && error.code === 'LIMIT_EXCEEDED') follower.fail(error);
        },
      );
    }
  }

  async #lookAgain(): Promise<void> {
    const { keys } = this.#services;
    const { presented, identity } = this.#caller;
    keys.forget(presented.id);
    try {
      this.#caller = await callerOf(keys, presented, identity.clientAddress ?? '', identity.requestId);
    } catch (error) {
      if (error instanceof BulkheadError && endings.has(error.code)) this.#finish(error);
      throw error;
    }
    this.#awaitExpiry();
    for (const follower of this.#followers) follower.look();
  }

  #awaitExpiry(): void {
    clearTimeout(this.#expiry);
    const { endsAtMs } = this.#caller;
    if (endsAtMs === Number.POSITIVE_INFINITY) return;
    this.#expiry = setTimeout(
      () => {
        if (performance.now() < endsAtMs) this.#awaitExpiry();
        else this.#finish(unauthenticated('The key is not valid any more'));
      },
      Math.min(maxTimerMs, Math.max(0, endsAtMs - performance.now())),
    );
  }

  #finish(reason: BulkheadError): void {
    if (this.#isOver) return;
    this.close();
    this.#end(reason);
  }
}
