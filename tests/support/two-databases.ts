import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { operatorIdentity } from '../../auth/identity.js';
import { grantDatabase, type LoginRole, rolesOf } from '../../db/cluster.js';
import { closeDatabase, type Database, openDatabase } from '../../db/database.js';
import { createOrganization } from '../../domain/organization/create-organization.js';
import type { KeyVersions } from '../../vault/held-keys.js';
import { templateNames, testCluster } from './test-cluster.js';

/** Operational database and vault of one test file, reached as each role reaches them. No gateway, no worker. */
export interface TwoDatabases {
  /** As `bulkhead_gateway`. */
  readonly operational: Database;
  /** The vault as `bulkhead_vault_writer`. */
  readonly vaultWriter: Database;
  /** The vault as `bulkhead_vault_reader`. */
  readonly vaultReader: Database;
  /** Both as the superuser: to look behind every wall. */
  readonly admin: Readonly<Record<'operational' | 'vault', postgres.Sql>>;
  readonly telemetryKey: Buffer;
  readonly rootKeys: KeyVersions;
  readonly auditKey: Buffer;
  /** Directory for copies of the audit log. */
  readonly checkpoints: string;
  /** Directory of the ledger. */
  readonly ledger: string;
  readonly deployment: string;
  /** Makes an organization as an operator and answers its id. */
  newOrganization(): Promise<string>;
  stop(): Promise<void>;
}

/** Copies the migrated templates of the cluster that all test files share. */
export async function openTwoDatabases(): Promise<TwoDatabases> {
  const cluster = testCluster();
  const suffix = randomBytes(6).toString('hex');
  const names = { operational: `op_${suffix}`, vault: `va_${suffix}` };
  const admin = postgres(cluster.adminUrl, { max: 1, fetch_types: false, onnotice: () => {} });
  await admin`select pg_advisory_lock(1)`;
  for (const kind of ['operational', 'vault'] as const) {
    await admin`create database ${admin(names[kind])} template ${admin(templateNames[kind])} owner bulkhead_owner`;
    await grantDatabase(admin, names[kind], rolesOf(kind));
  }
  await admin.end();

  const contextKey = Buffer.from(cluster.contextKey, 'hex');
  const open = (kind: 'operational' | 'vault', role: LoginRole) =>
    openDatabase({
      url: `postgres://${role}:${cluster.passwords[role]}@127.0.0.1:${cluster.port}/${names[kind]}`,
      contextKey,
      maxConnections: 4,
      applicationName: 'test',
    });
  const openAsAdmin = (kind: 'operational' | 'vault') =>
    postgres(cluster.adminUrl.replace(/\/[^/]*$/, `/${names[kind]}`), { max: 1, onnotice: () => {} });
  const operational = open('operational', 'bulkhead_gateway');
  const vaultWriter = open('vault', 'bulkhead_vault_writer');
  const vaultReader = open('vault', 'bulkhead_vault_reader');
  const admins = { operational: openAsAdmin('operational'), vault: openAsAdmin('vault') };
  const telemetryKey = randomBytes(32);
  const checkpoints = mkdtempSync(join(tmpdir(), 'bulkhead-checkpoints-'));
  const ledger = mkdtempSync(join(tmpdir(), 'bulkhead-ledger-'));
  return {
    operational,
    vaultWriter,
    vaultReader,
    admin: admins,
    telemetryKey,
    rootKeys: [randomBytes(32)],
    auditKey: randomBytes(32),
    checkpoints,
    ledger,
    deployment: `test-${suffix}`,
    newOrganization: () =>
      createOrganization(operational, telemetryKey, (id) => operatorIdentity(id, 'operator', 'test', null), 'Test'),
    stop: async () => {
      await Promise.all([operational, vaultWriter, vaultReader].map(closeDatabase));
      await Promise.all([admins.operational.end(), admins.vault.end()]);
      for (const directory of [checkpoints, ledger]) rmSync(directory, { recursive: true, force: true });
    },
  };
}
