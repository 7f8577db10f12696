import type postgres from 'postgres';
import { requireDatabaseName } from './database-name.js';
import { migrateSchema } from './migrate-schema.js';
import { scramVerifier } from './scram-verifier.js';
import { connectAsProvisioner, withProvisioner } from './with-provisioner.js';

/** What `provisionDatabase` is to make. */
export interface ProvisionRequest {
  /** Address of the cluster as the provisioner (CREATEDB and CREATEROLE, no superuser; PostgreSQL 16 or newer). */
  readonly provisionerUrl: string;
  /** From `newDatabaseName()`. */
  readonly database: string;
  /** The only role that may connect beside the owner; by convention named like the database. */
  readonly role: string;
  /** From `newDatabasePassword()`. */
  readonly password: string;
}

/** Sessions of an organization's role at most: several gateways with two connections each, and some to spare. */
const connectionLimit = 10;

/** Bounds on what one session may hold. They are seat belts: a session can change its own. */
const roleSettings = {
  statement_timeout: '5s',
  idle_in_transaction_session_timeout: '30s',
  lock_timeout: '3s',
} as const;

/** `datconnlimit` of a database whose DROP was interrupted: nothing can be done with it but to drop it. */
const invalidDatabase = -2;

/**
 * Makes the telemetry database of one organization and its role, or finishes what an earlier call began: every step
 * looks at what is there. Run again it changes nothing but the password, which becomes the one given.
 * @throws Error for names that are not ours, or a database of that name that belongs to another role
 */
export async function provisionDatabase(request: ProvisionRequest): Promise<void> {
  const { provisionerUrl, database, role, password } = request;
  requireDatabaseName(database);
  requireDatabaseName(role);
  await withProvisioner(provisionerUrl, database, async (admin) => {
    await ensureRole(admin, role, password);
    await ensureDatabase(admin, database, role);
    await migrateDatabase(provisionerUrl, database, role);
  });
}

async function migrateDatabase(provisionerUrl: string, database: string, role: string): Promise<void> {
  const owner = connectAsProvisioner(provisionerUrl, database);
  try {
    await migrateSchema(owner, role);
  } finally {
    await owner.end({ timeout: 5 });
  }
}

async function ensureRole(admin: postgres.Sql, role: string, password: string): Promise<void> {
  const [present] = await admin`select from pg_roles where rolname = ${role}`;
  const verb = present === undefined ? 'create' : 'alter';
  // A utility statement takes no parameters; the verifier consists of base64, `$`, `:` and `-`.
  await admin.unsafe(
    `${verb} role ${role} login connection limit ${connectionLimit} password '${scramVerifier(password)}'`,
  );
  for (const [setting, value] of Object.entries(roleSettings)) {
    await admin.unsafe(`alter role ${role} set ${setting} = '${value}'`);
  }
}

async function ensureDatabase(admin: postgres.Sql, database: string, role: string): Promise<void> {
  const [present] = await admin<{ connectionLimit: number; isOurs: boolean }[]>`
    select datconnlimit as "connectionLimit", datdba = current_user::regrole::oid as "isOurs"
    from pg_database where datname = ${database}`;
  if (present?.isOurs === false) throw new Error(`the database ${database} belongs to another role`);
  const isInvalid = present?.connectionLimit === invalidDatabase;
  if (isInvalid) await admin`drop database ${admin(database)}`;
  if (present === undefined || isInvalid) {
    // Closed until PUBLIC has lost CONNECT. The C locale is the same on every system, so no index ever has to be rebuilt.
    await admin`create database ${admin(database)} template template0 encoding 'UTF8'
                locale_provider libc locale 'C' allow_connections false`;
  }
  await admin`revoke all on database ${admin(database)} from public`;
  await admin`grant connect on database ${admin(database)} to ${admin(role)}`;
  await admin`alter database ${admin(database)} allow_connections true`;
}
