import { hkdfSync } from 'node:crypto';
import postgres from 'postgres';
import { keepPool, poolOf } from './pool.js';

/** A pool on the operational or the vault database, with the key that signs contexts for it. */
export interface Database {
  readonly contextKey: Buffer;
  /** Key that authenticates cursors of lists, derived from the context key (HKDF, RFC 5869). */
  readonly cursorKey: Buffer;
}

/** Options of `openDatabase`. */
export interface DatabaseOptions {
  /** Address with the credentials of a run-time role. */
  readonly url: string;
  /** Key that signs contexts, 32 bytes. */
  readonly contextKey: Buffer;
  /** Connections at most (default 10). */
  readonly maxConnections?: number;
  /** Name shown in `pg_stat_activity`. */
  readonly applicationName: string;
}

/** Seconds between attempts to reconnect grow from this, doubling, to the last. */
const reconnectBackoffSeconds = { first: 0.1, last: 2 };

/**
 * Opens a pool of a run-time role. Nothing is connected until the first query.
 * Rows are reached through `withOrg` only; the pool is not to be queried by itself.
 */
export function openDatabase(options: DatabaseOptions): Database {
  const sql = postgres(options.url, {
    max: options.maxConnections ?? 10,
    idle_timeout: 60,
    connect_timeout: 5,
    fetch_types: false,
    backoff: (attempt: number) =>
      Math.min(reconnectBackoffSeconds.last, reconnectBackoffSeconds.first * 2 ** Math.max(0, attempt - 1)),
    connection: { application_name: options.applicationName, TimeZone: 'UTC' },
    onnotice: () => {},
  });
  const cursorKey = Buffer.from(hkdfSync('sha256', options.contextKey, '', 'bulkhead cursor', 32));
  const database: Database = { contextKey: options.contextKey, cursorKey };
  keepPool(database, sql);
  return database;
}

/** Closes the pool; queries under way get up to 5 s. */
export async function closeDatabase(database: Database): Promise<void> {
  await poolOf(database).end({ timeout: 5 });
}

/**
 * Refuses a role for which row-level security would be decoration: superuser, BYPASSRLS, owner of a table, member of
 * another role.
 * @throws Error that names the role and the fault
 */
export async function requireUnprivilegedRole(database: Database): Promise<void> {
  const [role] = await poolOf(database)<
    { name: string; superuser: boolean; bypasses: boolean; creates: boolean; owns: boolean; member: boolean }[]
  >`select r.rolname as name, r.rolsuper as superuser, r.rolbypassrls as bypasses,
           r.rolcreaterole or r.rolcreatedb or r.rolreplication as creates,
           exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
                   where c.relowner = r.oid and n.nspname in ('app', 'audit', 'platform', 'vault')) as owns,
           exists (select from pg_auth_members m where m.member = r.oid) as member
    from pg_roles r where r.rolname = current_user`;
  if (role === undefined) throw new Error('the role of the connection is not in pg_roles');
  const faults = [
    role.superuser && 'is a superuser',
    role.bypasses && 'has BYPASSRLS',
    role.creates && 'has CREATEROLE, CREATEDB or REPLICATION',
    role.owns && 'owns tables of Bulkhead',
    role.member && 'is a member of another role',
  ].filter((fault) => fault !== false);
  if (faults.length > 0) {
    throw new Error(
      `refusing to start: the role ${role.name} ${faults.join(', ')}, so row-level security would not hold. ` +
        'Connect as bulkhead_gateway (see docs/configuration.md).',
    );
  }
}
