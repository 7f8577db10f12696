import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type postgres from 'postgres';
import { askServer, type BackupContext } from '../../backups/backup-context.js';
import { takeBase } from '../../backups/base/take-base.js';
import { openRepository } from '../../backups/repository/open-repository.js';
import type { SealedRepository } from '../../backups/repository/sealed-repository.js';
import { shipFile, spooledFiles } from '../../backups/wal/ship-wal.js';
import { getWal } from '../../backups/wal/wal-archive.js';
import { connectAsAdministrator } from '../../db/administrator.js';
import { closeDatabase, openDatabase } from '../../db/database.js';
import type { EmbeddedServer } from '../../db/embedded/embedded-server.js';
import { startEmbeddedServer } from '../../db/embedded/start-embedded-server.js';
import { walSpoolOf } from '../../db/embedded/wal-spool.js';
import { identifySystem } from '../../db/read-base-backup.js';
import type { WorkerConfiguration } from '../../jobs/worker-configuration.js';
import { type Configuration, readConfiguration } from '../../server/configuration.js';
import { roleAddresses } from '../../server/database-address.js';
import { deploymentIdOf } from '../../server/deployment-id.js';
import type { GatewayConfiguration } from '../../server/gateway-configuration.js';
import { type DeploymentKeys, makeKeys } from '../../server/keys.js';
import { makeRolePasswords } from '../../server/role-credentials.js';
import { prepareDatabases } from '../../server/start/prepare-databases.js';
import { until } from './bulkhead-process.js';

/** A deployment on a cluster of its own that is backed up when the test says so; no gateway, no worker. */
export interface BackedUpDeployment {
  readonly home: string;
  readonly configuration: Configuration;
  readonly keys: DeploymentKeys;
  readonly deployment: string;
  readonly server: EmbeddedServer;
  readonly addresses: ReturnType<typeof roleAddresses>;
  /** What a worker of it is given, and a gateway. */
  readonly workerConfiguration: WorkerConfiguration;
  readonly gatewayConfiguration: GatewayConfiguration;
  readonly repository: SealedRepository;
  /** Operational database as the superuser. */
  readonly admin: postgres.Sql;
  takeBase(): Promise<void>;
  /** Closes the WAL file and waits until the repository has it. */
  archive(): Promise<void>;
  /** Stops PostgreSQL and removes everything. */
  remove(): Promise<void>;
}

const shipMs = 20;

/**
 * Starts one; takes about 4 s.
 * @param settings of PostgreSQL, over those of a test
 */
export async function startBackedUpDeployment(
  settings: Readonly<Record<string, string>> = { fsync: 'off', synchronous_commit: 'off', shared_buffers: '32MB' },
): Promise<BackedUpDeployment> {
  const home = mkdtempSync(join(tmpdir(), 'bulkhead-home-'));
  const configuration = readConfiguration({ BULKHEAD_HOME: home });
  const server = await startEmbeddedServer({ home, archivesWal: true, settings });
  const keys = makeKeys(configuration);
  const deployment = deploymentIdOf(home);
  const passwords = makeRolePasswords(home);
  await prepareDatabases(server.adminUrl('postgres'), passwords, keys.context);
  const addresses = roleAddresses(server.adminUrl('postgres'), passwords);
  const repository = openRepository({
    directory: configuration.BACKUP_DIRECTORY,
    backupKeys: keys.backup,
    deployment,
  });
  const operational = openDatabase({
    url: addresses.backup,
    contextKey: keys.context,
    maxConnections: 1,
    applicationName: 'test',
  });
  const admin = connectAsAdministrator(server.adminUrl('postgres'), 'bulkhead');
  const spool = walSpoolOf(server.dataDirectory);
  const { system } = await identifySystem(addresses.backup);
  const stop = new AbortController();
  const ship = async () => {
    while (!stop.signal.aborted) {
      for (const file of await spooledFiles(spool)) await shipFile(repository, system, spool, file);
      await delay(shipMs);
    }
  };
  const shipping = ship();
  const workerConfiguration: WorkerConfiguration = {
    operationalUrl: addresses.worker,
    vaultUrl: addresses.vaultReader,
    provisionerUrl: addresses.provisioner,
    contextKey: keys.context,
    rootKeys: keys.root,
    telemetryKey: keys.telemetry,
    auditKey: keys.audit,
    checkpoints: { directory: configuration.CHECKPOINT_DIRECTORY, everySeconds: 60 },
    ledgerDirectory: configuration.LEDGER_DIRECTORY,
    exportDirectory: configuration.EXPORT_DIRECTORY,
    deployment,
    logLevel: 'silent',
  };
  const gatewayConfiguration: GatewayConfiguration = {
    host: '127.0.0.1',
    port: 0,
    operationalUrl: addresses.gateway,
    vaultUrl: addresses.vaultWriter,
    contextKey: keys.context,
    telemetryKey: keys.telemetry,
    environment: 'test',
    deployment,
    trustedProxies: [],
    telemetryPools: 10,
    exportDirectory: configuration.EXPORT_DIRECTORY,
    logLevel: 'silent',
  };
  return {
    home,
    configuration,
    keys,
    deployment,
    server,
    addresses,
    workerConfiguration,
    gatewayConfiguration,
    repository,
    admin,
    takeBase: async () => {
      await takeBase({
        repository,
        deployment,
        url: addresses.backup,
        maxRateKb: 1024 * 1024,
        bulkheadVersion: 'test',
        askServer: () => askServer({ operational } satisfies Pick<BackupContext, 'operational'>),
        onProgress: () => {},
        firstOf: async () => [],
        signal: stop.signal,
      });
    },
    archive: async () => {
      const [row] = await admin<{ file: string }[]>`select pg_walfile_name(pg_switch_wal()) as file`;
      await until('the WAL file', async () => await getWal(repository, system, row?.file ?? ''));
    },
    remove: async () => {
      stop.abort();
      await shipping;
      await closeDatabase(operational);
      await admin.end();
      await server.stop();
      for (const path of [server.dataDirectory, spool, home]) rmSync(path, { recursive: true, force: true });
    },
  };
}
