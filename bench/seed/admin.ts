import postgres from 'postgres';
import type { Deployment } from './deployment.js';

/** Runs `work` as the superuser on one database of the deployment, without the bounds of run-time roles. */
export async function asAdmin<T>(
  deployment: Deployment,
  database: string,
  work: (sql: postgres.Sql) => Promise<T>,
): Promise<T> {
  const sql = postgres(deployment.server.adminUrl(database), {
    max: 1,
    fetch_types: false,
    connection: { application_name: 'bench', TimeZone: 'UTC' },
    onnotice: () => {},
  });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}
