import { defaultDatabaseNames, type LoginRole, type RolePasswords } from '../db/cluster.js';

/** scheme, user and password, hosts (several for a replicated server), database, parameters such as sslmode */
const form = /^(postgres(?:ql)?):\/\/([^@/?#]+)@([^@/?#]+)(?:\/([^/?#]*))?(\?[^#]*)?$/;

/** Whether the text is an address of a PostgreSQL with a user and a host. */
export function isDatabaseAddress(text: string): boolean {
  return form.test(text);
}

/** The same server with another user and database; hosts and parameters stay. */
function addressFor(adminUrl: string, role: LoginRole, passwords: RolePasswords, database: string): string {
  const [, scheme, , hosts, , parameters = ''] = form.exec(adminUrl) ?? [];
  if (scheme === undefined) throw new Error('not an address of a PostgreSQL');
  return `${scheme}://${role}:${passwords[role]}@${hosts}/${database}${parameters}`;
}

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
}

/** Addresses of the roles on the server of an administrator's address. */
export function roleAddresses(adminUrl: string, passwords: RolePasswords): RoleAddresses {
  const { operational, vault } = defaultDatabaseNames;
  const address = (role: LoginRole, database: string) => addressFor(adminUrl, role, passwords, database);
  return {
    operationalMigrator: address('bulkhead_migrator', operational),
    vaultMigrator: address('bulkhead_migrator', vault),
    gateway: address('bulkhead_gateway', operational),
    worker: address('bulkhead_worker', operational),
    vaultWriter: address('bulkhead_vault_writer', vault),
    vaultReader: address('bulkhead_vault_reader', vault),
    provisioner: address('bulkhead_provisioner', operational),
  };
}
