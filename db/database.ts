import { hkdfSync } from 'node:crypto';
import { connect } from './connect.js';
import { LanePool } from './lane-pool.js';
import { keepPools, lanesOf, listenersOf, poolOf } from './pool.js';

/** The operational or the vault database, with the key that signs contexts for it. */
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
  /** Transactions at once at most, each on a connection (default 10); two more connections serve lookups. */
  readonly maxConnections?: number;
  /** Name shown in `pg_stat_activity`. */
  readonly applicationName: string;
}

/** Connections for lookups that belong to no organization. */
const maxPlainConnections = 2;

/**
 * Opens the pools of a run-time role. Nothing is connected until the first query.
 * Rows are reached through `withOrg` and `readWithOrg` only; the pools are not to be queried by themselves.
 */
export function openDatabase(options: DatabaseOptions): Database {
  const connection = { application_name: options.applicationName, TimeZone: 'UTC' };
  const common = { connect_timeout: 5, fetch_types: false, onnotice: () => {} };
  const lanes = new LanePool(
    options.url,
    { ...common, connection: { ...connection, plan_cache_mode: 'force_generic_plan' } },
    options.maxConnections ?? 10,
  );
  const plain = connect(options.url, { ...common, connection, max: maxPlainConnections, idle_timeout: 60 });
  const cursorKey = Buffer.from(hkdfSync('sha256', options.contextKey, '', 'bulkhead cursor', 32));
  const database: Database = { contextKey: options.contextKey, cursorKey };
  keepPools(database, { lanes, plain, listeners: new Set() });
  return database;
}

/** Closes the pools; queries under way get up to 5 s. */
export async function closeDatabase(database: Database): Promise<void> {
  await Promise.all([
    ...[...listenersOf(database)].map((stop) => stop()),
    lanesOf(database).close(),
    poolOf(database).end({ timeout: 5 }),
  ]);
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
