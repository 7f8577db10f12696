/** What this file needs to know of a query of the driver beyond its documented face. */
export interface Statement {
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
 * Ties a query of the driver to the turn of one transaction: it is noted there when it is sent, and refused once
 * there is a reason to (the turn is over). The driver itself would run it on the same connection, in whatever transaction is open by then.
 */
export function withinTurn<Query>(
  query: Query,
  turn: Statement[] | undefined,
  refusal: () => Error | undefined,
): Query {
  const statement = query as unknown as Statement;
  const { handler } = statement;
  statement.handler = (sent) => {
    const reason = refusal();
    if (reason !== undefined) {
      sent.reject(reason);
      return;
    }
    turn?.push(sent);
    handler(sent);
  };
  return query;
}
