import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import type { KeyType } from '../../auth/api-keys/key-format.js';
import { operatorIdentity } from '../../auth/identity.js';
import { grantDatabase, type LoginRole, rolesOf } from '../../db/cluster.js';
import { closeDatabase, type Database, openDatabase } from '../../db/database.js';
import { withOrg } from '../../db/with-org.js';
import { createApiKey } from '../../domain/api-key/create-api-key.js';
import { createOrganization } from '../../domain/organization/create-organization.js';
import type { EgressPolicy } from '../../integrations/egress/egress-policy.js';
import type { Worker } from '../../jobs/worker.js';
import type { WorkerConfiguration } from '../../jobs/worker-configuration.js';
import type { Gateway } from '../../server/gateway.js';
import type { GatewayConfiguration } from '../../server/gateway-configuration.js';
import type { SchemaLayers } from '../../server/schema.js';
import type { KeyVersions } from '../../vault/held-keys.js';
import { type GraphqlClient, graphqlClient } from './graphql-client.js';
import { importOutside } from './outside-jest.js';
import { type TestClusterDescription, templateNames, testCluster } from './test-cluster.js';

/** An organization of a test, with a key that may do everything in it. */
export interface TestOrganization {
  readonly orgId: string;
  readonly name: string;
  /** Speaks to the gateway with the key that may do everything. */
  readonly client: GraphqlClient;
  /** Makes another key; scopes as `read THING/#/#`. */
  createKey(options: TestKeyOptions): Promise<{ id: string; text: string; client: GraphqlClient }>;
}

/** A key of a test. */
export interface TestKeyOptions {
  readonly type?: Exclude<KeyType, 'OPERATOR'>;
  readonly scopes: readonly string[];
  readonly allowedCidrs?: readonly string[];
  readonly expiresAt?: Date;
}

/**
 * A whole deployment with databases of its own: gateway and worker in this process, rows in a real PostgreSQL. Its worker
 * runs jobs that are asked for, and none by the clock.
 */
export interface TestDeployment {
  readonly gateway: Gateway;
  readonly cluster: TestClusterDescription;
  /** What its worker was given. */
  readonly workerConfiguration: WorkerConfiguration;
  /** Operational database as the gateway sees it. */
  readonly operational: Database;
  readonly telemetryKey: Buffer;
  /** What another gateway on the same databases is given. */
  readonly gatewayConfiguration: GatewayConfiguration;
  /** Directory of archives. */
  readonly exportDirectory: string;
  /** Lines that the gateways have logged. */
  readonly logLines: readonly string[];
  /** Address of a database of the deployment as a role. */
  urlOf(kind: 'operational' | 'vault', role: LoginRole): string;
  /** The operational database, the vault, as the superuser: to look behind every wall. */
  adminUrl(kind: 'operational' | 'vault'): string;
  createOrganization(name: string): Promise<TestOrganization>;
  /** Starts another gateway on the same databases. */
  startGateway(layers?: SchemaLayers): Promise<Gateway>;
  /** Stops the worker of this process, starts it again. */
  stopWorker(): Promise<void>;
  startWorker(): Promise<void>;
  stop(): Promise<void>;
}

/** Options of `startTestDeployment`. */
export interface TestDeploymentOptions {
  readonly layers?: SchemaLayers;
  /** Tokens a minute and burst of every organization, so that a test is not slowed by limits; `default` leaves them. */
  readonly limits?: 'default';
  /** Where deliveries may go (default the public internet only). */
  readonly egress?: EgressPolicy;
  /** Milliseconds between two notes of the gateway's metrics (default as ever). */
  readonly reportEveryMs?: number;
  /** Redis that keeps rate limits (default PostgreSQL). */
  readonly redisUrl?: string;
}

/** Tokens that no test uses up. */
const plenty = 1_000_000;

/** Starts a deployment for one test file. */
export async function startTestDeployment(options: TestDeploymentOptions = {}): Promise<TestDeployment> {
  const { startGateway } = await importOutside<typeof import('../../server/gateway.js')>('server/gateway.js');
  const { startWorker } = await importOutside<typeof import('../../jobs/worker.js')>('jobs/worker.js');
  const { tasks } = await importOutside<typeof import('../../jobs/tasks.js')>('jobs/tasks.js');
  // What comes by the clock would come between two steps of a test where its minute falls there.
  const unscheduled = tasks.map(({ schedule: _byTheClock, ...task }) => task);
  const cluster = testCluster();
  const suffix = randomBytes(6).toString('hex');
  const names = { operational: `op_${suffix}`, vault: `va_${suffix}` };
  await copyTemplates(cluster, names);
  const contextKey = Buffer.from(cluster.contextKey, 'hex');
  const telemetryKey = randomBytes(32);
  const rootKeys: KeyVersions = [randomBytes(32)];
  const auditKey = randomBytes(32);
  const checkpoints = mkdtempSync(join(tmpdir(), 'bulkhead-checkpoints-'));
  const ledgerDirectory = mkdtempSync(join(tmpdir(), 'bulkhead-ledger-'));
  const deployment = `test-${suffix}`;
  const exportDirectory = mkdtempSync(join(tmpdir(), 'bulkhead-exports-'));
  const urlOf = (kind: 'operational' | 'vault', role: LoginRole) =>
    `postgres://${role}:${cluster.passwords[role]}@127.0.0.1:${cluster.port}/${names[kind]}`;

  const operational = openDatabase({
    url: urlOf('operational', 'bulkhead_gateway'),
    contextKey,
    maxConnections: 3,
    applicationName: 'test',
  });
  const gateways: Gateway[] = [];
  const logLines: string[] = [];
  const gatewayConfiguration: GatewayConfiguration = {
    host: '127.0.0.1',
    port: 0,
    operationalUrl: urlOf('operational', 'bulkhead_gateway'),
    vaultUrl: urlOf('vault', 'bulkhead_vault_writer'),
    contextKey,
    telemetryKey,
    environment: 'test',
    deployment,
    trustedProxies: ['127.0.0.1'],
    telemetryPools: 100,
    ...(options.egress === undefined ? {} : { egress: options.egress }),
    ...(options.redisUrl === undefined ? {} : { redisUrl: options.redisUrl }),
    exportDirectory,
    ...(options.reportEveryMs === undefined ? {} : { reportEveryMs: options.reportEveryMs }),
    logLevel: 'info',
  };
  const start = async (layers: SchemaLayers = {}) => {
    const gateway = await startGateway(gatewayConfiguration, layers, { write: (line) => void logLines.push(line) });
    gateways.push(gateway);
    return gateway;
  };
  const gateway = await start(options.layers);
  const workerConfiguration: WorkerConfiguration = {
    operationalUrl: urlOf('operational', 'bulkhead_worker'),
    vaultUrl: urlOf('vault', 'bulkhead_vault_reader'),
    provisionerUrl: urlOf('operational', 'bulkhead_provisioner'),
    contextKey,
    telemetryKey,
    rootKeys,
    auditKey,
    ledgerDirectory,
    checkpoints: { directory: checkpoints, everySeconds: 1 },
    deployment,
    ...(options.egress === undefined ? {} : { egress: options.egress }),
    ...(options.redisUrl === undefined ? {} : { redisUrl: options.redisUrl }),
    exportDirectory,
    logLevel: 'silent',
  };
  let worker: Worker | undefined = await startWorker(workerConfiguration, unscheduled);

  return {
    gateway,
    cluster,
    workerConfiguration,
    operational,
    telemetryKey,
    gatewayConfiguration,
    exportDirectory,
    logLines,
    urlOf,
    adminUrl: (kind) => cluster.adminUrl.replace(/\/[^/]*$/, `/${names[kind]}`),
    startGateway: start,
    createOrganization: async (name) => {
      const identityOf = (orgId: string) => operatorIdentity(orgId, 'test', `test-${suffix}`, null);
      const orgId = await createOrganization(operational, telemetryKey, identityOf, name);
      if (options.limits !== 'default') {
        await withOrg(operational, identityOf(orgId), 'write', async (tx) => {
          for (const tier of ['STANDARD', 'DATA_READ']) {
            await tx.sql`select platform.set_rate_limit(${tier}, ${plenty}, ${plenty})`;
          }
        });
      }
      const createKey = async ({ type = 'ADMIN', scopes, allowedCidrs, expiresAt }: TestKeyOptions) => {
        const key = await withOrg(operational, identityOf(orgId), 'write', (tx) =>
          createApiKey(tx, 'test', {
            name: 'test key',
            type,
            scopes: scopes.map((scope) => {
              const [action = '', resourceFilter = ''] = scope.split(/ (.*)/s);
              return { action, resourceFilter } as never;
            }),
            ...(allowedCidrs === undefined ? {} : { allowedCidrs }),
            ...(expiresAt === undefined ? {} : { expiresAt }),
          }),
        );
        return { id: key.id, text: key.text, client: graphqlClient(gateway.url, key.text) };
      };
      const { client } = await createKey({ scopes: ['* *'] });
      return { orgId, name, client, createKey };
    },
    stopWorker: async () => {
      await worker?.close();
      worker = undefined;
    },
    startWorker: async () => {
      worker = await startWorker(workerConfiguration, unscheduled);
    },
    stop: async () => {
      await worker?.close();
      for (const each of gateways) await each.close();
      await closeDatabase(operational);
      for (const directory of [checkpoints, ledgerDirectory, exportDirectory]) {
        rmSync(directory, { recursive: true, force: true });
      }
    },
  };
}

async function copyTemplates(
  cluster: TestClusterDescription,
  names: Readonly<Record<'operational' | 'vault', string>>,
): Promise<void> {
  const admin = postgres(cluster.adminUrl, { max: 1, fetch_types: false, onnotice: () => {} });
  try {
    await admin`select pg_advisory_lock(1)`;
    for (const kind of ['operational', 'vault'] as const) {
      await admin`create database ${admin(names[kind])} template ${admin(templateNames[kind])} owner bulkhead_owner`;
      await grantDatabase(admin, names[kind], rolesOf(kind));
    }
  } finally {
    await admin.end();
  }
}
