import postgres from 'postgres';
import { closeFunctions } from './close-functions.js';
import { connect } from './connect.js';

/** Roles that can log in, one a job; `bulkhead_owner` and `bulkhead_audit` own objects and cannot. */
export const loginRoles = [
  'bulkhead_migrator',
  'bulkhead_gateway',
  'bulkhead_worker',
  'bulkhead_vault_writer',
  'bulkhead_vault_reader',
  'bulkhead_provisioner',
  'bulkhead_posture',
  'bulkhead_backup',
] as const;

/** A role that can log in. */
export type LoginRole = (typeof loginRoles)[number];

/** Passwords of the login roles. */
export type RolePasswords = Readonly<Record<LoginRole, string>>;

/** The two databases of a deployment. */
export interface DatabaseNames {
  readonly operational: string;
  readonly vault: string;
}

/** Names of the databases of a deployment. */
export const defaultDatabaseNames: DatabaseNames = { operational: 'bulkhead', vault: 'bulkhead_vault' };

/** The first major version on which a role with CREATEROLE is confined to the roles it made. */
const minimumMajorVersion = 16;

/** Settings of each role: bounds on what one statement or transaction may hold. */
export const roleSettings: Readonly<Partial<Record<LoginRole, Readonly<Record<string, string>>>>> = {
  bulkhead_gateway: { statement_timeout: '5s', lock_timeout: '3s', idle_in_transaction_session_timeout: '15s' },
  bulkhead_worker: { statement_timeout: '60s', lock_timeout: '3s', idle_in_transaction_session_timeout: '60s' },
  bulkhead_backup: { statement_timeout: '60s', lock_timeout: '3s', idle_in_transaction_session_timeout: '60s' },
  bulkhead_vault_writer: { statement_timeout: '5s', lock_timeout: '3s', idle_in_transaction_session_timeout: '15s' },
  bulkhead_vault_reader: { statement_timeout: '5s', lock_timeout: '3s', idle_in_transaction_session_timeout: '15s' },
  bulkhead_posture: { statement_timeout: '15s', lock_timeout: '3s', idle_in_transaction_session_timeout: '15s' },
};

/** What lets a role see the settings and the statistics of the whole server, and no row. */
const statisticsRoles = ['pg_read_all_settings', 'pg_read_all_stats'];

const connectingRoles: Readonly<Record<keyof DatabaseNames, readonly LoginRole[]>> = {
  operational: [
    'bulkhead_migrator',
    'bulkhead_gateway',
    'bulkhead_worker',
    'bulkhead_provisioner',
    'bulkhead_posture',
    'bulkhead_backup',
  ],
  vault: ['bulkhead_migrator', 'bulkhead_vault_writer', 'bulkhead_vault_reader', 'bulkhead_posture'],
};

/**
 * Makes roles and databases where they are missing and sets what they need; run again it changes nothing but passwords,
 * and settings that a role has given itself.
 * @param adminUrl address of an administrator with CREATEROLE and CREATEDB, on any database of the cluster
 * @throws Error for a PostgreSQL before 16, or an administrator without the rights
 */
export async function prepareCluster(adminUrl: string, passwords: RolePasswords, names: DatabaseNames): Promise<void> {
  const admin = connect(adminUrl, { max: 1, fetch_types: false, connect_timeout: 10, onnotice: () => {} });
  try {
    await requireSupportedServer(admin);
    await admin`select pg_advisory_lock(hashtextextended('bulkhead:cluster', 0))`;
    await prepareRoles(admin, passwords);
    // Before databases are made of it, and by connections that have ended: one that is connected to cannot be copied.
    await closeFunctions(adminUrl, ['template1']);
    for (const [kind, roles] of Object.entries(connectingRoles) as [keyof DatabaseNames, readonly LoginRole[]][]) {
      await prepareDatabase(admin, names[kind], roles);
    }
    await closeFunctions(adminUrl, [names.operational, names.vault]);
    await closeToPublic(admin);
  } finally {
    await admin.end({ timeout: 5 });
  }
}

async function requireSupportedServer(admin: postgres.Sql): Promise<void> {
  const [server] = await admin<{ version: string; number: number; able: boolean }[]>`
    select current_setting('server_version') as version, current_setting('server_version_num')::int as number,
           (select rolsuper or (rolcreaterole and rolcreatedb) from pg_roles where rolname = current_user) as able`;
  if (server === undefined || server.number < minimumMajorVersion * 10_000) {
    throw new Error(
      `PostgreSQL ${server?.version ?? '?'} is too old: Bulkhead needs ${minimumMajorVersion} or newer. ` +
        'Point DATABASE_URL at a newer server, or leave it out to use the embedded one.',
    );
  }
  if (!server.able) throw new Error('the user of DATABASE_URL needs CREATEROLE and CREATEDB');
}

async function prepareRoles(admin: postgres.Sql, passwords: RolePasswords): Promise<void> {
  const present = new Set((await admin<{ rolname: string }[]>`select rolname from pg_roles`).map((row) => row.rolname));
  for (const role of ['bulkhead_owner', 'bulkhead_audit']) {
    if (!present.has(role)) await admin.unsafe(`create role ${role} nologin`);
  }
  for (const role of loginRoles) {
    if (!present.has(role)) await admin.unsafe(`create role ${role} login noinherit`);
    const rights = role === 'bulkhead_provisioner' ? 'createdb createrole' : 'nocreatedb nocreaterole';
    await admin.unsafe(`alter role ${role} ${rights} password '${quotable(passwords[role])}'`);
    await resetSettings(admin, role);
    for (const [setting, value] of Object.entries(roleSettings[role] ?? {})) {
      await admin.unsafe(`alter role ${role} set ${setting} = '${value}'`);
    }
  }
  // For base backups. Where the administrator may not, as with managed services, backups are left to the service.
  await admin.unsafe('alter role bulkhead_backup replication').catch(unlessForbidden);
  // The administrator makes databases for the owner; migrations run as the owner.
  await admin.unsafe('grant bulkhead_owner to current_user with set true');
  // The owner migrates the audit log too, but has to become its owner for that: no statement of its own changes entries.
  await admin.unsafe('grant bulkhead_audit to bulkhead_owner with inherit false, set true');
  await admin.unsafe('grant bulkhead_owner to bulkhead_migrator with set true');
  for (const role of statisticsRoles) {
    // An administrator who is no superuser may not have it to give: the checks that need it say so.
    await admin.unsafe(`grant ${role} to bulkhead_posture with inherit true, set false`).catch(unlessForbidden);
  }
}

function unlessForbidden(error: unknown): void {
  if (!(error instanceof postgres.PostgresError && error.code === '42501')) throw error;
}

/** A role can change its own settings, for all databases and for one: what it left there ends here. */
async function resetSettings(admin: postgres.Sql, role: LoginRole): Promise<void> {
  await admin`alter role ${admin(role)} reset all`;
  const databases = await admin<{ name: string }[]>`
    select d.datname as name from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase
    where s.setrole = ${role}::regrole`;
  for (const { name } of databases) await admin`alter role ${admin(role)} in database ${admin(name)} reset all`;
}

/** Makes a database if it is missing and lets only the given roles connect. */
export async function prepareDatabase(admin: postgres.Sql, name: string, roles: readonly LoginRole[]): Promise<void> {
  const [present] = await admin`select from pg_database where datname = ${name}`;
  if (present === undefined) await admin`create database ${admin(name)} owner bulkhead_owner`;
  await grantDatabase(admin, name, roles);
}

/** Lets only the given roles connect to the database. */
export async function grantDatabase(admin: postgres.Sql, name: string, roles: readonly LoginRole[]): Promise<void> {
  await admin`revoke all on database ${admin(name)} from public`;
  for (const role of roles) await admin`grant connect on database ${admin(name)} to ${admin(role)}`;
}

/** PUBLIC may connect to every database unless told otherwise; where another user owns one, it stays as it is. */
async function closeToPublic(admin: postgres.Sql): Promise<void> {
  for (const name of ['postgres', 'template1']) {
    await admin`revoke all on database ${admin(name)} from public`.catch(unlessForbidden);
  }
}

function quotable(password: string): string {
  if (!/^[A-Za-z0-9_-]{20,}$/.test(password)) throw new Error('a role password has at least 20 URL-safe characters');
  return password;
}

/** Which roles connect to which database. */
export function rolesOf(kind: keyof DatabaseNames): readonly LoginRole[] {
  return connectingRoles[kind];
}
