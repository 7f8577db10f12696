import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import type postgres from 'postgres';
import type { Identity } from '../auth/identity.js';
import type { Database } from './database.js';
import { translateDatabaseError } from './database-errors.js';
import { poolOf } from './pool.js';
import { type Purpose, signContext } from './signed-context.js';

/** A transaction that has entered the signed context of an identity; worth nothing after `work` has returned. */
export interface OrgTransaction {
  /** The organization that every statement also binds itself, so that either layer of isolation holds alone. */
  readonly orgId: string;
  readonly identity: Identity;
  readonly purpose: Purpose;
  /** Typed queries. */
  readonly db: PostgresJsDatabase;
  /** Plain statements; parameters only by interpolation. */
  readonly sql: postgres.TransactionSql;
  /** Key that authenticates cursors of lists. */
  readonly cursorKey: Buffer;
}

/**
 * The only door to rows: runs `work` in one transaction under the identity's signed context, with row-level security
 * showing what its scopes allow. Commits when `work` resolves, else rolls back.
 *
 * Keep it short, one loader batch or one mutation, and never wait for the network inside.
 * @throws BulkheadError for what the caller can repair (broken constraints, revoked key, time-outs); anything else is a
 * DatabaseFailure without values
 */
export async function withOrg<T>(
  database: Database,
  identity: Identity,
  purpose: Purpose,
  work: (tx: OrgTransaction) => Promise<T>,
): Promise<T> {
  const pool = poolOf(database);
  try {
    const result = await pool.begin(async (sql) => {
      const [backend] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
      if (backend === undefined) throw new Error('no backend pid');
      // Not awaited: it travels with the first statement of `work`. Should it fail, PostgreSQL refuses all that follow.
      const entered =
        sql`select app.enter(${signContext(database.contextKey, identity, purpose, backend.pid)})`.execute();
      const db = drizzle(Object.assign(sql, { options: pool.options }) as unknown as postgres.Sql);
      const { cursorKey } = database;
      try {
        return { value: await work({ orgId: identity.orgId, identity, purpose, db, sql, cursorKey }) };
      } finally {
        // Its error is the cause of every other one, and the one to be thrown.
        await entered;
      }
    });
    return (result as { value: T }).value;
  } catch (error) {
    throw translateDatabaseError(error);
  }
}
