import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { loginRoles, prepareCluster, type RolePasswords } from '../../db/cluster.js';
import { migrate, operationalMigrations, vaultMigrations } from '../../db/migrate.js';
import { startTemporaryPostgres } from './temporary-postgres.js';

/** What test files need to know of the cluster that all of them share; each makes databases of its own in it. */
export interface TestClusterDescription {
  readonly adminUrl: string;
  readonly port: number;
  readonly passwords: RolePasswords;
  /** The context key, in hex. */
  readonly contextKey: string;
}

/** Names of the migrated databases that test files copy. */
export const templateNames = { operational: 'template_operational', vault: 'template_vault' } as const;

/** Starts the cluster, makes its roles and the templates. */
export async function startTestCluster(): Promise<{ description: TestClusterDescription; stop(): Promise<void> }> {
  const server = await startTemporaryPostgres();
  const passwords = Object.fromEntries(
    loginRoles.map((role) => [role, randomBytes(24).toString('base64url')]),
  ) as RolePasswords;
  const contextKey = randomBytes(32);
  await prepareCluster(server.adminUrl(), passwords, templateNames);
  await beingPatient(server.adminUrl());
  const migratorUrl = (database: string) =>
    `postgres://bulkhead_migrator:${passwords.bulkhead_migrator}@127.0.0.1:${server.port}/${database}`;
  await migrate(migratorUrl(templateNames.operational), operationalMigrations, contextKey);
  await migrate(migratorUrl(templateNames.vault), vaultMigrations, contextKey);
  return {
    description: {
      adminUrl: server.adminUrl(),
      port: server.port,
      passwords,
      contextKey: contextKey.toString('hex'),
    },
    stop: () => server.stop(),
  };
}

/** Longer bounds of statements and locks than in production: there they end what holds others up, here a test of a busy machine. */
async function beingPatient(url: string): Promise<void> {
  const admin = postgres(url, { max: 1, fetch_types: false, onnotice: () => {} });
  try {
    for (const role of loginRoles) {
      for (const bound of ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout']) {
        await admin.unsafe(`alter role ${role} set ${bound} = '60s'`);
      }
    }
  } finally {
    await admin.end();
  }
}

/** The cluster that the run of this test file was given. */
export function testCluster(): TestClusterDescription {
  const text = process.env['BULKHEAD_TEST_CLUSTER'];
  if (text === undefined) throw new Error('run the tests by `npm test`: its global setup starts the cluster');
  return JSON.parse(text) as TestClusterDescription;
}
