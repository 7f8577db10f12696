import { randomUUID } from 'node:crypto';
import { createIdentity, type Identity, systemIdentity } from '../../auth/identity.js';
import { parseScopes } from '../../auth/scopes/parse-scopes.js';
import { type LoginRole, prepareCluster, type RolePasswords } from '../../db/cluster.js';
import { closeDatabase, type Database, openDatabase } from '../../db/database.js';
import { migrate, operationalMigrations } from '../../db/migrate.js';
import { organizations } from '../../db/tables/organizations.js';
import { type OrgTransaction, withOrg } from '../../db/with-org.js';
import { startTemporaryPostgres } from './temporary-postgres.js';

/** A migrated operational database, reached as the gateway reaches it. */
export interface OperationalDatabase {
  readonly database: Database;
  stop(): Promise<void>;
}

const password = 'password-password-password';
const passwords: RolePasswords = {
  bulkhead_migrator: password,
  bulkhead_gateway: password,
  bulkhead_worker: password,
  bulkhead_vault_writer: password,
  bulkhead_vault_reader: password,
  bulkhead_provisioner: password,
};

/** Starts a cluster with an empty operational database. */
export async function startOperationalDatabase(): Promise<OperationalDatabase> {
  const server = await startTemporaryPostgres();
  await prepareCluster(server.adminUrl(), passwords, { operational: 'bulkhead', vault: 'bulkhead_vault' });
  const urlOf = (role: LoginRole) => `postgres://${role}:${password}@127.0.0.1:${server.port}/bulkhead`;
  const contextKey = Buffer.alloc(32, 7);
  await migrate(urlOf('bulkhead_migrator'), operationalMigrations, contextKey);
  const database = openDatabase({ url: urlOf('bulkhead_gateway'), contextKey, applicationName: 'test' });
  return {
    database,
    stop: async () => {
      await closeDatabase(database);
      await server.stop();
    },
  };
}

/** Makes an organization and answers an identity with all of it. */
export async function newOrganization(database: Database): Promise<Identity> {
  const identity = systemIdentity(randomUUID(), 'test', 'test');
  await write(database, identity, (tx) =>
    tx.db.insert(organizations).values({ orgId: identity.orgId, name: 'Test', createdBy: 'test' }),
  );
  return identity;
}

/** An identity of the same organization with these scopes alone, each as `action filter`. */
export function restricted(identity: Identity, ...scopes: string[]): Identity {
  const parsed = parseScopes(
    scopes.map((scope) => {
      const [action = '', resourceFilter = ''] = scope.split(' ');
      return { action, resourceFilter };
    }),
    'scopes',
  );
  const actor = { type: 'SYSTEM', id: 'restricted' } as const;
  return createIdentity({ orgId: identity.orgId, actor, scopes: parsed, requestId: 'test', clientAddress: null });
}

/** Runs `work` in a transaction that may write. */
export function write<T>(database: Database, identity: Identity, work: (tx: OrgTransaction) => Promise<T>): Promise<T> {
  return withOrg(database, identity, 'write', work);
}
