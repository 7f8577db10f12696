import postgres from 'postgres';

/** A connection of the administrator, under no policy: for what concerns the whole deployment, never for a request. */
export type Administrator = postgres.Sql;

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
  return postgres(adminUrl, {
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
