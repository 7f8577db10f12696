import { Lane, type LaneOptions } from './lane.js';
import type { LaneTurn } from './lane-turn.js';

/** Milliseconds after which a connection that nobody uses is closed. */
const maxIdleMs = 60_000;
/** Milliseconds between two looks for idle connections. */
const sweepIntervalMs = 10_000;
/** Transactions that wait for a connection at most, for each of the connections. */
const maxWaitingPerLane = 100;
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
    try {
      return await work(lane.begin());
    } finally {
      if (lane.end() && !this.#isClosed) this.#give(lane);
      else void lane.close();
    }
  }

  /** Closes connections that are not in use: where one was lost to a restart of PostgreSQL, so are they. */
  closeFree(): void {
    for (const lane of this.#free.splice(0)) void lane.close();
  }

  /** Closes all connections; transactions under way get up to 5 s. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#sweep);
    for (const { reject } of this.#waiting.splice(0)) reject(closed());
    this.closeFree();
    if (this.#lanes.size === 0) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#whenEmpty = resolve;
      timer = setTimeout(resolve, closePatienceMs);
    });
    clearTimeout(timer);
    await Promise.all([...this.#lanes].map((lane) => lane.close()));
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
      this.#waiting.push({ resolve, reject });
    });
  }

  #give(lane: Lane): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(lane);
    else next.resolve(lane);
  }

  async #open(): Promise<Lane> {
    this.#opening += 1;
    try {
      const lane = await Lane.open(this.#url, this.#options, (ended) => this.#forget(ended));
      this.#lanes.add(lane);
      this.#sweep ??= setInterval(() => this.#closeIdle(), sweepIntervalMs).unref();
      if (this.#isClosed) {
        void lane.close();
        throw closed();
      }
      return lane;
    } finally {
      this.#opening -= 1;
    }
  }

  /** A connection has ended: who waits first gets a new one. */
  #forget(lane: Lane): void {
    this.#lanes.delete(lane);
    const index = this.#free.indexOf(lane);
    if (index >= 0) this.#free.splice(index, 1);
    this.#replace();
    if (this.#lanes.size === 0) this.#whenEmpty?.();
  }

  #replace(): void {
    const next = this.#waiting.shift();
    if (next === undefined) return;
    this.#open().then(next.resolve, (error: unknown) => {
      next.reject(error);
      this.#replace();
    });
  }

  #closeIdle(): void {
    const idle = this.#free.filter((lane) => lane.isSpent || Date.now() - lane.usedAtMs > maxIdleMs);
    for (const lane of idle) {
      this.#free.splice(this.#free.indexOf(lane), 1);
      void lane.close();
    }
  }
}

function closed(): LaneRefused {
  return new LaneRefused('CONNECTION_ENDED', 'the database was closed');
}
