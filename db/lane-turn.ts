import type postgres from 'postgres';

/** What is bound to a parameter; PostgreSQL reads it by the type that the statement gives the parameter. */
export type BoundValue = string | number | boolean | null;

/** Statements with more parameters are parsed each time: their text varies with the number of their parameters. */
const maxPreparedParameters = 40;

/** Statements with a longer text are parsed each time: their plans take more memory than the parsing is worth. */
const maxPreparedLength = 32_768;

/** The connection of a transaction has ended before its statements were sent. */
class ConnectionLost extends Error {
  readonly code = 'CONNECTION_CLOSED';
}

/** What a turn needs to know of a query of the driver beyond its documented face. */
interface Statement extends PromiseLike<unknown> {
  /** Hands the query to the connection; called once, when it is first awaited or executed. */
  handler: (statement: Statement) => unknown;
  /** Backend to which it was sent; null until then. */
  readonly state: object | null;
  /** The error after which the driver sent it a second time. */
  readonly retried?: unknown;
  cancel(): unknown;
  reject(reason: unknown): void;
}

/**
 * The turn of one transaction on a connection. Its statements are refused once it is over: the driver would run them on
 * the same connection, in whatever transaction is open by then.
 */
export class LaneTurn {
  /** Process id of the backend, to which contexts are bound. */
  readonly pid: number;
  readonly #sql: postgres.Sql;
  readonly #texts: Set<unknown>;
  readonly #sent: Statement[] = [];
  #isOver = false;
  #isLost = false;

  /** @param texts what the connection has prepared, to be added to */
  constructor(sql: postgres.Sql, pid: number, texts: Set<unknown>) {
    this.#sql = sql;
    this.pid = pid;
    this.#texts = texts;
  }

  /** Options of the driver, with its parsers. */
  get options(): postgres.ParsedOptions<Record<string, never>> {
    return this.#sql.options;
  }

  /** Statements that have been sent, in order. */
  get sent(): readonly PromiseLike<unknown>[] {
    return this.#sent;
  }

  /**
   * Sends a statement, prepared on first use, without waiting for those before it.
   * @param text with `$1`, `$2`, ... for the parameters
   */
  send(text: string, params: readonly BoundValue[] = []): postgres.PendingQuery<postgres.Row[]> {
    requireDefined(params);
    const prepare = params.length <= maxPreparedParameters && text.length <= maxPreparedLength;
    if (prepare) this.#texts.add(text);
    // Without `simple: false` the driver takes the simple protocol for a statement without parameters, and parses anew.
    return this.#unsafe(text, params, { prepare, simple: false });
  }

  /** Sends commands without parameters as one message; of the answer only the command of the last is of use. */
  command(text: string): postgres.PendingQuery<postgres.Row[]> {
    return this.#unsafe(text, [], { simple: true });
  }

  /** A statement from a template, sent when it is awaited or its `execute()` is called. */
  statement(strings: TemplateStringsArray, values: readonly unknown[]): postgres.PendingQuery<postgres.Row[]> {
    requireDefined(values);
    this.#texts.add(strings);
    return this.#own(this.#sql(strings, ...(values as never[])));
  }

  /**
   * Ends the turn.
   * @returns whether all statements are in their place: the driver sends some a second time after an error, when their
   * transaction may be over, and is not to be trusted with the connection any more
   */
  end(): boolean {
    this.#isOver = true;
    return this.#sent.every((statement) => statement.retried === undefined);
  }

  /** The connection has ended. For statements that wait the driver would open another, beside their transaction. */
  lose(): void {
    this.#isLost = true;
    for (const statement of this.#sent) if (statement.state === null) statement.cancel();
  }

  #unsafe(text: string, params: readonly BoundValue[], options: { prepare?: boolean; simple: boolean }) {
    const query = this.#sql.unsafe<postgres.Row[]>(text, [...params], options as postgres.UnsafeQueryOptions);
    return this.#own(query).execute();
  }

  #own<Query>(query: Query): Query {
    const statement = query as unknown as Statement;
    const { handler } = statement;
    statement.handler = (sent) => {
      if (this.#isOver || this.#isLost) {
        sent.reject(this.#isLost ? new ConnectionLost() : new Error('the transaction of this statement has ended'));
        return;
      }
      this.#sent.push(sent);
      handler(sent);
    };
    return query;
  }
}

/** The driver finds it out too, but then rejects another query of the turn and waits for an answer that is not due. */
function requireDefined(values: readonly unknown[]): void {
  if (values.includes(undefined)) throw new TypeError('a parameter of a statement is undefined');
}
