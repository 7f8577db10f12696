import { randomBytes, randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { createIdentity, type Identity, systemIdentity } from '../../auth/identity.js';
import { parseScopes } from '../../auth/scopes/parse-scopes.js';
import { grantDatabase, rolesOf } from '../../db/cluster.js';
import { closeDatabase, type Database, openDatabase } from '../../db/database.js';
import { organizations } from '../../db/tables/organizations.js';
import { type OrgTransaction, withOrg } from '../../db/with-org.js';
import { templateNames, testCluster } from './test-cluster.js';

/** A migrated operational database, reached as the gateway reaches it. */
export interface OperationalDatabase {
  readonly database: Database;
  stop(): Promise<void>;
}

/** Makes an empty operational database in the cluster of the run. */
export async function startOperationalDatabase(): Promise<OperationalDatabase> {
  const cluster = testCluster();
  const name = `op_${randomBytes(6).toString('hex')}`;
  const admin = postgres(cluster.adminUrl, { max: 1, fetch_types: false, onnotice: () => {} });
  try {
    await admin`create database ${admin(name)} template ${admin(templateNames.operational)} owner bulkhead_owner`;
    await grantDatabase(admin, name, rolesOf('operational'));
  } finally {
    await admin.end();
  }
  const database = openDatabase({
    url: `postgres://bulkhead_gateway:${cluster.passwords.bulkhead_gateway}@127.0.0.1:${cluster.port}/${name}`,
    contextKey: Buffer.from(cluster.contextKey, 'hex'),
    applicationName: 'test',
  });
  return { database, stop: () => closeDatabase(database) };
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
