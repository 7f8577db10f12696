import type { Identity } from '../auth/identity.js';
import { traced } from '../tracing/traced.js';
import type { Database } from './database.js';
import { isLostConnection, isRefusalOfKey, translateDatabaseError } from './database-errors.js';
import type { LaneTurn } from './lane-turn.js';
import { lanesOf } from './pool.js';
import { RolledBack } from './rolled-back.js';
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
 * @throws BulkheadError as `withOrg`; where the connection is lost, or what it has prepared is outdated, it tries once more on
 * another one
 */
export async function readWithOrg(
  database: Database,
  identity: Identity,
  statements: readonly BoundStatement[],
): Promise<readonly RawRow[][]> {
  const lanes = lanesOf(database);
  const read = (turn: LaneTurn) => readOn(turn, database, identity, statements);
  try {
    try {
      return await traced('transaction', { purpose: 'read', statements: statements.length }, () => lanes.use(read));
    } catch (error) {
      if (!isLostConnection(error)) throw error;
      lanes.closeFree();
      return await lanes.use(read);
    }
  } catch (error) {
    if (isRefusalOfKey(error)) identity.fate.isRefused = true;
    throw translateDatabaseError(error);
  }
}

async function readOn(
  turn: LaneTurn,
  database: Database,
  identity: Identity,
  statements: readonly BoundStatement[],
): Promise<RawRow[][]> {
  const context = signContext(database.contextKey, identity, 'read', turn.pid);
  const opening = [turn.send('begin read only'), turn.send('select app.enter($1)', [context])];
  const answers = statements.map(({ text, params }) => turn.send(text, params).raw());
  const commit = turn.send('commit');
  try {
    // The first to fail is the cause of all that follow.
    const [results, committed] = await Promise.all([Promise.all(answers), commit, ...opening]);
    if (committed.command !== 'COMMIT') throw new RolledBack();
    identity.fate.isEntered = true;
    return results as unknown as RawRow[][];
  } catch (error) {
    // The connection is free when all has been answered.
    await commit.catch(() => {});
    throw error;
  }
}
