import type { Administrator, AdministratorTransaction } from '../../db/administrator.js';

/** What a writer may be at when it is waited for; readers of the telemetry go on meanwhile. */
const lockTimeout = '10s';

/**
 * Lets nobody write into a telemetry database until the transaction ends: a writer that had asked for its placement
 * before may come late. It waits, and fails when the database is closed to it, so that it is told and tries again.
 * @param tx of the administrator, in that database
 */
export async function holdWriters(tx: AdministratorTransaction): Promise<void> {
  const tables = await tx<{ name: string }[]>`
    select 'telemetry.' || quote_ident(c.relname) as name from pg_class c
    where c.relnamespace = 'telemetry'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition order by 1`;
  await tx.unsafe(`set local lock_timeout = '${lockTimeout}'`);
  await tx.unsafe(`lock table ${tables.map(({ name }) => name).join(', ')} in exclusive mode`);
}

/** Closes a telemetry database to the role that works in it: gateways go on in the one that took its place. */
export async function shutOut(sql: Administrator, role: string): Promise<void> {
  await sql`alter role ${sql(role)} nologin`;
  await sql`select pg_terminate_backend(a.pid, 2000) from pg_stat_activity a where a.usename = ${role}`;
}
