import { closeDatabase, type Database, openDatabase } from '../db/database.js';
import { isPortFree } from '../db/embedded/loopback-port.js';
import { readServerRecord } from '../db/embedded/server-record.js';
import { startFault } from '../db/embedded/start-fault.js';
import type { Configuration } from '../server/configuration.js';
import { type RoleAddresses, roleAddresses } from '../server/database-address.js';
import { readKey } from '../server/keys.js';
import { readRolePasswords } from '../server/role-credentials.js';

/** A deployment as a command on its machine reaches it. */
export interface Deployment {
  /** Operational database as the gateway sees it. */
  readonly operational: Database;
  /** Key that seals the credentials of telemetry databases. */
  readonly telemetryKey: Buffer;
}

/**
 * Runs `work` on the deployment whose home or whose DATABASE_URL is configured.
 * @throws BulkheadError UNAVAILABLE when it was never started, or does not run
 */
export async function withDeployment<Result>(
  configuration: Configuration,
  work: (deployment: Deployment) => Promise<Result>,
): Promise<Result> {
  const contextKey = readKey(configuration, 'context');
  const telemetryKey = readKey(configuration, 'telemetry');
  const operational = openDatabase({
    url: await gatewayAddress(configuration),
    contextKey,
    maxConnections: 1,
    applicationName: 'bulkhead cli',
  });
  try {
    return await work({ operational, telemetryKey });
  } finally {
    await closeDatabase(operational);
  }
}

async function gatewayAddress(configuration: Configuration): Promise<string> {
  const { GATEWAY_DATABASE_URL, DATABASE_URL, BULKHEAD_HOME } = configuration;
  if (GATEWAY_DATABASE_URL !== undefined) return GATEWAY_DATABASE_URL;
  return (await deploymentAddresses({ DATABASE_URL, BULKHEAD_HOME })).gateway;
}

/**
 * Addresses of all roles of the deployment whose home is configured.
 * @throws BulkheadError UNAVAILABLE when it was never started, or does not run
 */
export async function deploymentAddresses({
  DATABASE_URL,
  BULKHEAD_HOME,
}: Pick<Configuration, 'DATABASE_URL' | 'BULKHEAD_HOME'>): Promise<RoleAddresses> {
  const passwords = readRolePasswords(BULKHEAD_HOME);
  return roleAddresses(await administratorAddress({ DATABASE_URL, BULKHEAD_HOME }), passwords);
}

/**
 * Address of the administrator of the deployment whose home is configured; a secret.
 * @throws BulkheadError UNAVAILABLE when it was never started, or does not run
 */
export async function administratorAddress({
  DATABASE_URL,
  BULKHEAD_HOME,
}: Pick<Configuration, 'DATABASE_URL' | 'BULKHEAD_HOME'>): Promise<string> {
  return DATABASE_URL ?? (await embeddedAddress(BULKHEAD_HOME));
}

async function embeddedAddress(home: string): Promise<string> {
  const record = readServerRecord(home);
  if (record === undefined || (await isPortFree(record.port))) {
    throw startFault(`The Bulkhead of ${home} does not run: start it with "npm start", then give this command again.`);
  }
  return `postgres://${record.user}:${record.password}@127.0.0.1:${record.port}/postgres`;
}
