import postgres from 'postgres';
import { connect } from './connect.js';

/**
 * Functions that PostgreSQL gives to everybody and no role of Bulkhead has a use for: large objects, which lie under no
 * policy and outlive a session, and those that end or cancel other sessions of the same role.
 */
const withheld = /^(lo_.+|loread|lowrite|pg_terminate_backend|pg_cancel_backend)$/;

/** SQLSTATEs of what an administrator who is no superuser may not do: change a function, connect to the database. */
const notAllowed = ['42501', '28000'];

/**
 * Takes large objects and signals to other sessions from PUBLIC, in the named databases. Databases that are made of
 * one of them inherit it. Where the administrator may not, as with managed services, it stays as it is.
 * @param adminUrl address of the administrator; the database in it does not matter
 */
export async function closeFunctions(adminUrl: string, databases: readonly string[]): Promise<void> {
  for (const database of databases) {
    const sql = connect(adminUrl, { database, max: 1, fetch_types: false, connect_timeout: 10, onnotice: () => {} });
    try {
      await closeFunctionsOf(sql);
    } catch (error) {
      if (!(error instanceof postgres.PostgresError && notAllowed.includes(error.code))) throw error;
    } finally {
      await sql.end({ timeout: 5 });
    }
  }
}

async function closeFunctionsOf(sql: postgres.Sql): Promise<void> {
  const open = await sql<{ signature: string }[]>`
    select p.oid::regprocedure::text as signature from pg_proc p
    where p.pronamespace = 'pg_catalog'::regnamespace and p.prokind = 'f' and p.proname ~ ${withheld.source}
      and has_function_privilege('public', p.oid, 'execute')`;
  if (open.length === 0) return;
  await sql.unsafe(`revoke execute on function ${open.map(({ signature }) => signature).join(', ')} from public`);
}
