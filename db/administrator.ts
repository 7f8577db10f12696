import type postgres from 'postgres';
import type { Identity } from '../auth/identity.js';
import { connect } from './connect.js';
import { signContext } from './signed-context.js';
import type { OrgTransaction, SqlTemplate } from './with-org.js';

/** A connection of the administrator, under no policy: for what concerns the whole deployment, never for a request. */
export type Administrator = postgres.Sql;

/** A transaction of the administrator. */
export type AdministratorTransaction = postgres.TransactionSql;

/**
 * Runs `work` on one connection to a database as the administrator.
 * @param adminUrl address of the administrator; the database in it does not matter
 */
export async function withAdministrator<Result>(
  adminUrl: string,
  database: string,
  work: (sql: Administrator) => Promise<Result>,
): Promise<Result> {
  const sql = connectAsAdministrator(adminUrl, database);
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** Connects as the administrator, with one connection, which the caller ends. */
export function connectAsAdministrator(adminUrl: string, database: string): Administrator {
  return connect(adminUrl, {
    database,
    max: 1,
    fetch_types: false,
    connect_timeout: 10,
    idle_timeout: 0,
    max_lifetime: null,
    connection: { application_name: 'bulkhead administrator', TimeZone: 'UTC' },
    onnotice: () => {},
  });
}

/**
 * Enters the context of an identity for what is left of a transaction of the administrator, so that functions that ask
 * for one, such as those of the audit log, know who acts.
 */
export async function enterContext(
  tx: AdministratorTransaction,
  contextKey: Buffer,
  identity: Identity,
): Promise<Pick<OrgTransaction, 'sql'>> {
  const [row] = await tx<{ pid: number }[]>`select pg_backend_pid() as pid`;
  await tx`select app.enter(${signContext(contextKey, identity, 'write', row?.pid ?? 0)})`;
  return { sql: tx as unknown as SqlTemplate };
}
