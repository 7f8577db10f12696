import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { type Statement, withinTurn } from './statement-turn.js';

/** The connection of a transaction has ended before its statements were sent; nothing was committed. */
class ConnectionLost extends Error {
  readonly code = 'CONNECTION_CLOSED';
}

/** What is bound to a parameter; PostgreSQL reads it by the type that the statement gives the parameter. */
export type BoundValue = string | number | boolean | null;

/**
 * Distinct statements that one connection prepares at most: the driver never deallocates one, so a connection that has
 * prepared more is replaced (a prepared plan takes some 10 to 200 KB of its backend).
 */
const maxPreparedTexts = 300;
/** Milliseconds after which a connection is replaced: what its backend has cached does not grow for ever. */
const maxAgeMs = 30 * 60_000;
/** Statements with more parameters are parsed each time: their text varies with the number of their parameters. */
const maxPreparedParameters = 40;

/**
 * One connection, used by one transaction at a time, whose statements are sent without waiting for each other. It is
 * opened once and never reopened: what belongs to a connection (its process, its transaction, what it has prepared)
 * cannot be mistaken for that of another.
 */
export class Lane {
  /** Process id of the backend, to which contexts are bound. */
  readonly pid: number;
  /** When the last transaction ended, by `Date.now()`. */
  usedAtMs = Date.now();
  readonly #sql: postgres.Sql;
  readonly #openedAtMs = Date.now();
  readonly #texts = new Set<unknown>();
  #isClosed = false;
  #turn: Statement[] | undefined;

  private constructor(sql: postgres.Sql, pid: number) {
    this.#sql = sql;
    this.pid = pid;
  }

  /**
   * Connects.
   * @param options of the driver, without those that a lane sets itself
   * @param onClosed called once, when the connection has ended for whatever reason
   */
  static async open(
    url: string,
    options: postgres.Options<Record<string, never>>,
    onClosed: (lane: Lane) => void,
  ): Promise<Lane> {
    let lane: Lane | undefined;
    const sql = postgres(url, {
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
    try {
      const [backend] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
      if (backend === undefined) throw new Error('no backend pid');
      lane = new Lane(sql, backend.pid);
      return lane;
    } catch (error) {
      await sql.end({ timeout: 0 });
      throw error;
    }
  }

  /** Whether the connection has ended, or is to be replaced before it is used again. */
  get isSpent(): boolean {
    return this.#isClosed || this.#texts.size > maxPreparedTexts || Date.now() - this.#openedAtMs > maxAgeMs;
  }

  /** Whether the connection has ended: nothing that is still under way will be answered. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Options of the driver, with its parsers. */
  get options(): postgres.ParsedOptions<Record<string, never>> {
    return this.#sql.options;
  }

  /** Begins the turn of a transaction. */
  begin(): void {
    this.#turn = [];
  }

  /**
   * Ends the turn of a transaction: statements of it that were made but not sent are refused from now on.
   * @returns whether the connection can be used again
   */
  end(): boolean {
    const turn = this.#turn ?? [];
    this.#turn = undefined;
    this.usedAtMs = Date.now();
    // A statement that the driver has sent again is not in its place any more.
    return !turn.some((statement) => statement.retried !== undefined) && !this.isSpent;
  }

  /**
   * Sends a statement, prepared on first use, without waiting for those before it.
   * @param text with `$1`, `$2`, ... for the parameters
   */
  send(text: string, params: readonly BoundValue[] = []): postgres.PendingQuery<postgres.Row[]> {
    requireDefined(params);
    const prepare = params.length <= maxPreparedParameters;
    if (prepare) this.#texts.add(text);
    // Without `simple: false` the driver takes the simple protocol for a statement without parameters, and parses anew.
    return this.#unsafe(text, params, { prepare, simple: false });
  }

  /** Sends commands without parameters as one message; of the answer only the command of the last is of use. */
  command(text: string): postgres.PendingQuery<postgres.Row[]> {
    return this.#unsafe(text, [], { simple: true });
  }

  #unsafe(text: string, params: readonly BoundValue[], options: { prepare?: boolean; simple: boolean }) {
    return this.#own(
      this.#sql.unsafe<postgres.Row[]>(text, [...params], options as postgres.UnsafeQueryOptions),
    ).execute();
  }

  /** A statement from a template, sent when it is awaited or its `execute()` is called. */
  statement(strings: TemplateStringsArray, values: readonly unknown[]): postgres.PendingQuery<postgres.Row[]> {
    requireDefined(values);
    this.#texts.add(strings);
    return this.#own(this.#sql(strings, ...(values as never[])));
  }

  /** Statements of this turn that have been sent, in order. */
  get sent(): readonly PromiseLike<unknown>[] {
    return (this.#turn ?? []) as unknown as readonly PromiseLike<unknown>[];
  }

  /** Ends the connection, and what is under way with CONNECTION_DESTROYED. */
  async close(): Promise<void> {
    await this.#sql.end({ timeout: 0 });
  }

  #own<Query extends PromiseLike<unknown>>(query: Query): Query {
    const turn = this.#turn;
    return withinTurn(query, turn, () => {
      if (this.#isClosed) return new ConnectionLost();
      return turn === this.#turn ? undefined : new Error('the transaction of this statement has ended');
    });
  }

  /** The driver would reconnect for statements that it has not sent yet, beside their transaction: they fail instead. */
  #closed(): void {
    this.#isClosed = true;
    for (const statement of this.#turn ?? []) if (statement.state === null) statement.cancel();
    void this.#sql.end({ timeout: 0 });
  }
}

/** The driver finds it out too, but then rejects another query of the same turn and waits for an answer that is not due. */
function requireDefined(values: readonly unknown[]): void {
  if (values.includes(undefined)) throw new TypeError('a parameter of a statement is undefined');
}
