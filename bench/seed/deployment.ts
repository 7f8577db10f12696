import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { EmbeddedServer } from '../../db/embedded/embedded-server.js';
import { startEmbeddedServer } from '../../db/embedded/start-embedded-server.js';
import { readConfiguration } from '../../server/configuration.js';
import { type RoleAddresses, roleAddresses } from '../../server/database-address.js';
import { deploymentIdOf } from '../../server/deployment-id.js';
import { makeKeys } from '../../server/keys.js';
import { makeRolePasswords } from '../../server/role-credentials.js';
import type { ChildIngredients } from '../../server/start/child-configurations.js';
import { prepareDatabases } from '../../server/start/prepare-databases.js';

/** A deployment as `npm start` makes it, its PostgreSQL running, without gateway and worker. */
export interface Deployment {
  readonly folder: string;
  readonly server: EmbeddedServer;
  readonly ingredients: ChildIngredients;
  readonly addresses: RoleAddresses;
  stop(): Promise<void>;
}

/**
 * Settings over those of the product, the same for every contender: many servers are connected at once, and neither
 * autovacuum nor a checkpoint may fall into the round of one of them.
 */
export const measurementSettings: Readonly<Record<string, string>> = {
  max_connections: '1500',
  shared_buffers: '1GB',
  max_wal_size: '16GB',
  checkpoint_timeout: '1h',
  autovacuum: 'off',
};

/** Home of the deployment of a folder. */
export function homeOf(folder: string): string {
  return join(folder, 'home');
}

/**
 * Starts the PostgreSQL of a folder and brings its databases to the newest schema.
 * @param settings of PostgreSQL over those of the product
 * @param environment of the configuration, beside home and port
 */
export async function openDeployment(
  folder: string,
  settings: Readonly<Record<string, string>> = measurementSettings,
  environment: Readonly<Record<string, string>> = {},
): Promise<Deployment> {
  const home = homeOf(folder);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const configuration = readConfiguration({ BULKHEAD_HOME: home, PORT: '0', ...environment });
  const server = await startEmbeddedServer({ home, settings });
  try {
    const passwords = makeRolePasswords(home);
    const keys = makeKeys(configuration);
    const adminUrl = server.adminUrl('postgres');
    await prepareDatabases(adminUrl, passwords, keys.context);
    return {
      folder,
      server,
      ingredients: { configuration, keys, passwords, deployment: deploymentIdOf(home), logLevel: 'info' },
      addresses: roleAddresses(adminUrl, passwords),
      stop: () => server.stop(),
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}
