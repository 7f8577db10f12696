import { defaultDatabaseNames, type LoginRole, type RolePasswords } from '../db/cluster.js';
import { addressFor } from '../db/server-hosts.js';

/** Addresses of a deployment's databases, each with the credentials of one role: all of them secrets. */
export interface RoleAddresses {
  readonly operationalMigrator: string;
  readonly vaultMigrator: string;
  readonly gateway: string;
  readonly worker: string;
  readonly vaultWriter: string;
  readonly vaultReader: string;
  /** The provisioner starts from the operational database, of which it may read nothing. */
  readonly provisioner: string;
  readonly posture: string;
  readonly vaultPosture: string;
  readonly backup: string;
}

/** Addresses of the roles on the server of an administrator's address. */
export function roleAddresses(adminUrl: string, passwords: RolePasswords): RoleAddresses {
  const { operational, vault } = defaultDatabaseNames;
  const address = (role: LoginRole, database: string) => addressFor(adminUrl, `${role}:${passwords[role]}`, database);
  return {
    operationalMigrator: address('bulkhead_migrator', operational),
    vaultMigrator: address('bulkhead_migrator', vault),
    gateway: address('bulkhead_gateway', operational),
    worker: address('bulkhead_worker', operational),
    vaultWriter: address('bulkhead_vault_writer', vault),
    vaultReader: address('bulkhead_vault_reader', vault),
    provisioner: address('bulkhead_provisioner', operational),
    posture: address('bulkhead_posture', operational),
    vaultPosture: address('bulkhead_posture', vault),
    backup: address('bulkhead_backup', operational),
  };
}
