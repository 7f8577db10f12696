import { drizzle } from 'drizzle-orm/postgres-js';
import type postgres from 'postgres';
import { type ConnectOptions, connect } from './connect.js';
import { LaneTurn } from './lane-turn.js';

/** Options of the driver for every connection, without those that a lane sets itself. */
export type LaneOptions = ConnectOptions;

/**
 * Distinct statements that one connection prepares at most: the driver never deallocates one, so a connection that has
 * prepared more is replaced (a prepared plan takes some 10 KB of its backend, the longest about 2 MB).
 */
const maxPreparedTexts = 300;
/** Milliseconds for connecting. */
const maxOpenMs = 6000;
/** Milliseconds after which a connection is replaced: what its backend has cached does not grow for ever. */
const maxAgeMs = 30 * 60_000;

/**
 * One connection, used by one transaction at a time, whose statements are sent without waiting for each other. It is
 * opened once and never reopened: what belongs to a connection (its process, its transaction, what it has prepared)
 * cannot be mistaken for that of another.
 */
export class Lane {
  /** When the last transaction ended, by `Date.now()`. */
  usedAtMs = Date.now();
  readonly #sql: postgres.Sql;
  readonly #pid: number;
  readonly #openedAtMs = Date.now();
  readonly #texts = new Set<unknown>();
  #turn: LaneTurn | undefined;
  #isClosed = false;

  private constructor(sql: postgres.Sql, pid: number) {
    this.#sql = sql;
    this.#pid = pid;
  }

  /**
   * Connects.
   * @param onClosed called once, when the connection has ended for whatever reason
   * @throws what the driver throws when it cannot connect
   */
  static async open(url: string, options: LaneOptions, onClosed: (lane: Lane) => void): Promise<Lane> {
    let lane: Lane | undefined;
    const sql = connect(url, {
      ...options,
      // Only with one connection does the driver leave BEGIN to us.
      max: 1,
      // The driver would close it between two statements of a transaction, and send the second on a new connection.
      idle_timeout: undefined,
      max_lifetime: null,
      onclose: () => {
        if (lane === undefined) return;
        lane.#closed();
        onClosed(lane);
      },
    });
    // Sets parsers and serializers for times and JSON, which then are the same whether the builder is used or not.
    drizzle(sql);
    // The driver's own time-out begins anew with each attempt, of which it makes any number.
    const late = setTimeout(() => void sql.end({ timeout: 0 }), maxOpenMs);
    try {
      const [backend] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
      if (backend === undefined) throw new Error('no backend pid');
      lane = new Lane(sql, backend.pid);
      return lane;
    } catch (error) {
      void sql.end({ timeout: 0 });
      throw error;
    } finally {
      clearTimeout(late);
    }
  }

  /** Begins the turn of a transaction. */
  begin(): LaneTurn {
    this.#turn = new LaneTurn(this.#sql, this.#pid, this.#texts);
    if (this.#isClosed) this.#turn.lose();
    return this.#turn;
  }

  /**
   * Ends the turn of a transaction.
   * @returns whether the connection can be used again
   */
  end(): boolean {
    const isInPlace = this.#turn?.end() ?? true;
    this.#turn = undefined;
    this.usedAtMs = Date.now();
    return isInPlace && !this.isSpent;
  }

  /** Whether the connection has ended, or is to be replaced before it is used again. */
  get isSpent(): boolean {
    return this.#isClosed || this.#texts.size > maxPreparedTexts || Date.now() - this.#openedAtMs > maxAgeMs;
  }

  /** Ends the connection, and what is under way with CONNECTION_DESTROYED. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#turn?.lose();
    await this.#sql.end({ timeout: 0 });
  }

  #closed(): void {
    this.#isClosed = true;
    this.#turn?.lose();
    void this.#sql.end({ timeout: 0 });
  }
}
