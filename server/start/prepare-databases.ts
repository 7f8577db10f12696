import { defaultDatabaseNames, prepareCluster, type RolePasswords } from '../../db/cluster.js';
import { type DestructionPermission, destructionGuard, noDestruction } from '../../db/destruction-guard.js';
import { startFault } from '../../db/embedded/start-fault.js';
import { requireUnfenced } from '../../db/fence.js';
import { type MigrationReport, migrate, operationalMigrations, vaultMigrations } from '../../db/migrate.js';
import { roleAddresses } from '../database-address.js';

/** What `prepareDatabases` did. */
export interface PreparationReport {
  readonly operational: MigrationReport;
  readonly vault: MigrationReport;
}

/** Faults of a connection, by SQLSTATE or code of the system, in words that say what to do. */
const connectionFaults: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there: is PostgreSQL running, and are host and port right?',
  ENOTFOUND: 'its host is not known: check the name.',
  EAI_AGAIN: 'its host is not known: check the name, and the network.',
  ETIMEDOUT: 'it does not answer: check host, port and firewall.',
  CONNECT_TIMEOUT: 'it does not answer: check host, port and firewall.',
  NO_PRIMARY: 'none of its hosts is a primary that answers: is the cluster running, and are hosts and ports right?',
  '28P01': 'it refuses the password.',
  '28000': 'it refuses this user from this machine (pg_hba.conf).',
  '3D000': 'the database in it does not exist: name an existing one, such as postgres.',
};

/**
 * Makes roles and databases where they are missing, sets the roles' passwords and brings both databases to the newest
 * schema. Run again it finds nothing to do.
 * @param adminUrl address of an administrator with CREATEROLE and CREATEDB
 * @param permission whether migrations may remove data (default: they are refused)
 * @throws Error that says what to do: server not reachable, too old, an administrator without the rights, or a fence
 */
export async function prepareDatabases(
  adminUrl: string,
  passwords: RolePasswords,
  contextKey: Buffer,
  permission: DestructionPermission = noDestruction,
): Promise<PreparationReport> {
  try {
    await requireUnfenced(adminUrl);
    await prepareCluster(adminUrl, passwords, defaultDatabaseNames);
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    const fault = typeof code === 'string' ? connectionFaults[code] : undefined;
    throw fault === undefined ? error : startFault(`The server of DATABASE_URL cannot be used: ${fault}`, error);
  }
  const addresses = roleAddresses(adminUrl, passwords);
  const guard = destructionGuard(addresses.operationalMigrator, permission);
  return {
    operational: await migrate(addresses.operationalMigrator, operationalMigrations, contextKey, guard),
    vault: await migrate(addresses.vaultMigrator, vaultMigrations, contextKey, guard),
  };
}
