import type { Identity } from '../auth/identity.js';
import type { Database } from './database.js';
import { translateDatabaseError } from './database-errors.js';
import type { Lane } from './lane.js';
import { lanesOf } from './pool.js';
import { signContext } from './signed-context.js';

/** A statement with its parameters, which never become part of its text. */
export interface BoundStatement {
  /** One SELECT, with `$1`, `$2`, ... for the parameters. Prepared once per connection: few texts, many values. */
  readonly text: string;
  readonly params: readonly (string | number | null)[];
}

/** The columns of a row in PostgreSQL's text form, as bytes; null for NULL. */
export type RawRow = readonly (Buffer | null)[];

/**
 * Reads by prepared statements in one read-only transaction under the identity's signed context: everything, from the
 * beginning to the commit, is sent at once, which takes one round trip. Plans are generic: they are made once per
 * connection, whatever the parameters, so give limits as literals.
 * @returns the rows of each statement, in order
 * @throws BulkheadError as `withOrg`; where the connection is lost it tries once more on another one
 */
export async function readWithOrg(
  database: Database,
  identity: Identity,
  statements: readonly BoundStatement[],
): Promise<readonly RawRow[][]> {
  const lanes = lanesOf(database);
  const read = (lane: Lane) => readOn(lane, database, identity, statements);
  try {
    try {
      return await lanes.use(read);
    } catch (error) {
      if (!isLostConnection(error)) throw error;
      return await lanes.use(read);
    }
  } catch (error) {
    throw translateDatabaseError(error);
  }
}

async function readOn(
  lane: Lane,
  database: Database,
  identity: Identity,
  statements: readonly BoundStatement[],
): Promise<RawRow[][]> {
  const context = signContext(database.contextKey, identity, 'read', lane.pid);
  const opening = [lane.send('begin read only'), lane.send('select app.enter($1)', [context])];
  const answers = statements.map(({ text, params }) => lane.send(text, params).raw());
  const commit = lane.send('commit');
  try {
    // The first to fail is the cause of all that follow.
    const [results, committed] = await Promise.all([Promise.all(answers), commit, ...opening]);
    if (committed.command !== 'COMMIT') throw new Error('the transaction was rolled back');
    return results as unknown as RawRow[][];
  } catch (error) {
    // The connection is free when all has been answered.
    await commit.catch(() => {});
    throw error;
  }
}

/** Whether the connection ended under a statement: PostgreSQL was stopped, or ended this backend. */
function isLostConnection(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === 'CONNECTION_CLOSED' || code === '57P01';
}
