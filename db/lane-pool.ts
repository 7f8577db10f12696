import { Lane, type LaneOptions } from './lane.js';
import type { LaneTurn } from './lane-turn.js';

/** Milliseconds after which a connection that nobody uses is closed. */
const maxIdleMs = 60_000;
/** Milliseconds between two looks for idle connections. */
const sweepIntervalMs = 10_000;
/** Transactions that wait for a connection at most, for each of the connections. */
const maxWaitingPerLane = 100;
/** Milliseconds that a transaction waits for a connection at most: its request has ended by then. */
const maxWaitMs = 10_000;
/** Milliseconds of a turn at most: PostgreSQL ends what takes longer, and if nothing is heard of it, the connection is dead. */
const maxTurnMs = 45_000;
/** Milliseconds that transactions under way get when the pool is closed. */
const closePatienceMs = 5000;

/** Why no connection was given. */
class LaneRefused extends Error {
  readonly code: '53300' | 'CONNECTION_ENDED';

  constructor(code: LaneRefused['code'], message: string) {
    super(message);
    this.code = code;
  }
}

interface Waiting {
  readonly resolve: (lane: Lane) => void;
  readonly reject: (reason: unknown) => void;
  readonly late: NodeJS.Timeout;
}

/**
 * The connections of one role to one database, opened on demand. Each serves one transaction at a time; transactions
 * that find none free wait in order.
 */
export class LanePool {
  readonly #url: string;
  readonly #options: LaneOptions;
  readonly #maxLanes: number;
  /** Open connections. */
  readonly #lanes = new Set<Lane>();
  /** Those that are not in use, the last used last: it is taken first, so that the others grow idle and are closed. */
  readonly #free: Lane[] = [];
  readonly #waiting: Waiting[] = [];
  /** Connections that are being opened. */
  #opening = 0;
  /** Settle when connections that were given up have ended. */
  readonly #closing = new Set<Promise<void>>();
  #isClosed = false;
  #whenEmpty: (() => void) | undefined;
  #sweep: NodeJS.Timeout | undefined;

  constructor(url: string, options: LaneOptions, maxLanes: number) {
    this.#url = url;
    this.#options = options;
    this.#maxLanes = maxLanes;
  }

  /**
   * Gives a connection to one transaction until `work` has settled.
   * @throws Error with SQLSTATE 53300 when too many wait already, with CONNECTION_ENDED after `close`; what the driver
   * throws when it cannot connect
   */
  async use<T>(work: (turn: LaneTurn) => Promise<T>): Promise<T> {
    const lane = await this.#take();
    const late = setTimeout(() => this.#retire(lane), maxTurnMs);
    try {
      return await work(lane.begin());
    } finally {
      clearTimeout(late);
      if (lane.end() && !this.#isClosed) this.#give(lane);
      else this.#retire(lane);
    }
  }

  /** How far the connections are in use. */
  get counts(): { used: number; free: number; limit: number; waiting: number } {
    const free = this.#free.length;
    return { used: this.#lanes.size - free, free, limit: this.#maxLanes, waiting: this.#waiting.length };
  }

  /** Closes connections that are not in use: where one was lost to a restart of PostgreSQL, so are they. */
  closeFree(): void {
    for (const lane of this.#free.splice(0)) this.#retire(lane);
  }

  /** Closes all connections; transactions under way get up to 5 s. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#sweep);
    for (let next = this.#next(); next !== undefined; next = this.#next()) next.reject(closed());
    this.closeFree();
    const patience = new Promise<void>((resolve) => {
      setTimeout(resolve, closePatienceMs).unref();
    });
    const empty = new Promise<void>((resolve) => {
      this.#whenEmpty = resolve;
    });
    if (this.#lanes.size > 0) await Promise.race([empty, patience]);
    for (const lane of this.#lanes) this.#retire(lane);
    await Promise.race([Promise.all(this.#closing), patience]);
  }

  async #take(): Promise<Lane> {
    if (this.#isClosed) throw closed();
    const lane = this.#free.pop();
    if (lane !== undefined) return lane;
    if (this.#lanes.size + this.#opening < this.#maxLanes) return this.#open();
    if (this.#waiting.length >= this.#maxLanes * maxWaitingPerLane) {
      throw new LaneRefused('53300', 'too many transactions wait for a connection');
    }
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { resolve, reject, late: setTimeout(() => this.#giveUp(waiting), maxWaitMs) };
      this.#waiting.push(waiting);
    });
  }

  #giveUp(waiting: Waiting): void {
    this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
    waiting.reject(new LaneRefused('53300', 'no connection came free in time'));
  }

  #give(lane: Lane): void {
    const next = this.#next();
    if (next === undefined) this.#free.push(lane);
    else next.resolve(lane);
  }

  #next(): Waiting | undefined {
    const next = this.#waiting.shift();
    clearTimeout(next?.late);
    return next;
  }

  /** Closes a connection. Its place is free at once: where the other side is gone, closing takes minutes. */
  #retire(lane: Lane): void {
    const closed = lane.close().finally(() => this.#closing.delete(closed));
    this.#closing.add(closed);
    this.#forget(lane);
  }

  async #open(): Promise<Lane> {
    this.#opening += 1;
    let lane: Lane;
    try {
      lane = await Lane.open(this.#url, this.#options, (ended) => this.#forget(ended));
    } catch (error) {
      this.#opening -= 1;
      // Whoever waits for this connection, too, hears that there is none.
      this.#replace();
      throw error;
    }
    this.#opening -= 1;
    this.#lanes.add(lane);
    this.#sweep ??= setInterval(() => this.#closeIdle(), sweepIntervalMs).unref();
    if (this.#isClosed) {
      this.#retire(lane);
      throw closed();
    }
    return lane;
  }

  /** A connection has ended: who waits first gets a new one. */
  #forget(lane: Lane): void {
    if (!this.#lanes.delete(lane)) return;
    const index = this.#free.indexOf(lane);
    if (index >= 0) this.#free.splice(index, 1);
    this.#replace();
    if (this.#lanes.size === 0) this.#whenEmpty?.();
  }

  #replace(): void {
    const next = this.#next();
    if (next !== undefined) this.#open().then(next.resolve, next.reject);
  }

  #closeIdle(): void {
    const idle = this.#free.filter((lane) => lane.isSpent || Date.now() - lane.usedAtMs > maxIdleMs);
    for (const lane of idle) {
      this.#free.splice(this.#free.indexOf(lane), 1);
      this.#retire(lane);
    }
  }
}

function closed(): LaneRefused {
  return new LaneRefused('CONNECTION_ENDED', 'the database was closed');
}
