import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../db/package-root.js';
import { gatewayConfiguration } from '../../server/start/child-configurations.js';
import { benchFolder } from '../paths.js';
import type { ContenderName, Tokens } from '../scenarios/scenario.js';
import { scenarios } from '../scenarios/scenarios.js';
import type { SeededDeployment } from '../seed/seed.js';
import { seedSizes } from '../seed/seed-plan.js';
import { telemetryDatabases } from '../seed/telemetry-databases.js';
import { type ContenderStart, type RunningContender, startContender } from './contender-process.js';
import { findPgbench } from './find-pgbench.js';
import { signInDatabase } from './sign-in-database.js';

/** Where a peer is and how it is run. */
const peers: Readonly<
  Record<Exclude<ContenderName, 'bulkhead'>, { readonly folder: string; readonly dataLayer?: string }>
> = {
  raw: { folder: 'raw' },
  postgraphile: { folder: 'postgraphile' },
  'mercurius-same': { folder: 'mercurius', dataLayer: 'pipelined' },
  mercurius: { folder: 'mercurius', dataLayer: 'straightforward' },
  yoga: { folder: 'yoga', dataLayer: 'straightforward' },
  'naive-apollo': { folder: 'naive-apollo', dataLayer: 'straightforward' },
  pgbench: { folder: 'pgbench' },
};

const withoutPackages: readonly ContenderName[] = ['raw', 'pgbench'];

/** Folders of the peers, below `bench/peers`, that have packages of their own. */
export function peerFolders(names: readonly ContenderName[]): string[] {
  const folders = names.flatMap((name) =>
    name === 'bulkhead' || withoutPackages.includes(name) ? [] : [peers[name].folder],
  );
  return [...new Set(folders)].map((folder) => join(benchFolder, 'peers', folder));
}

/** Starts contenders beside each other; all stay up, and those without load are idle. */
export async function startContenders(
  seeded: SeededDeployment,
  names: readonly ContenderName[],
): Promise<Map<ContenderName, RunningContender>> {
  const running = new Map<ContenderName, RunningContender>();
  const configuration = await peerConfiguration(seeded);
  if (names.includes('pgbench')) await signInDatabase(seeded);
  try {
    for (const name of names) {
      const start = name === 'bulkhead' ? gatewayStart(seeded) : peerStart(seeded, name, configuration);
      running.set(name, await startContender(start));
    }
    return running;
  } catch (error) {
    await Promise.all([...running.values()].map((contender) => contender.stop()));
    throw error;
  }
}

/**
 * The gateway as `npm start` runs it: its own process, its own file of the build, told its configuration by IPC.
 * @param nodeArguments arguments of Node beside it
 */
export function gatewayStart({ deployment }: SeededDeployment, nodeArguments: readonly string[] = []): ContenderStart {
  const { ingredients, server } = deployment;
  return {
    name: 'bulkhead',
    module: join(packageRoot, 'dist', 'server', 'gateway-process.js'),
    configuration: gatewayConfiguration(ingredients, server.adminUrl('postgres'), 0),
    logFile: logFile(deployment.folder, 'bulkhead'),
    nodeArguments,
    serialization: 'advanced',
  };
}

function peerStart(
  { deployment }: SeededDeployment,
  name: Exclude<ContenderName, 'bulkhead'>,
  configuration: object,
): ContenderStart {
  const { folder, dataLayer } = peers[name];
  const path = join(benchFolder, 'peers', folder);
  return {
    name,
    module: join(path, 'server.mjs'),
    configuration: { ...configuration, dataLayer },
    logFile: logFile(deployment.folder, name),
    // PostGraphile 5 needs Node 22 and brings it as a package.
    ...(name === 'postgraphile' ? { node: join(path, 'node_modules', 'node', 'bin', 'node') } : {}),
    serialization: 'json',
  };
}

/** What every peer is told; by JSON, since one of them runs another Node. */
async function peerConfiguration({ deployment, manifest }: SeededDeployment) {
  const { ingredients, addresses, server } = deployment;
  const tokens: Record<string, Tokens> = {};
  for (const { id, operations } of scenarios) {
    for (const operation of operations) tokens[`${id}/${operation.name}`] = operation.tokens;
  }
  return {
    operationalUrl: addresses.gateway,
    contextKey: ingredients.keys.context.toString('hex'),
    environment: ingredients.configuration.BULKHEAD_ENVIRONMENT,
    keys: manifest.organizations.flatMap(({ fullKey, restrictedKey }) => [fullKey, restrictedKey]),
    tokens,
    telemetry: await telemetryDatabases(deployment),
    host: server.host,
    port: server.port,
    /** No reading of the seed is older. */
    oldest: new Date(manifest.endMs - 3650 * 86_400_000).toISOString(),
    pgbench: findPgbench()?.path,
    /** Greatest number that pgbench draws of each. */
    greatest: {
      organizations: manifest.organizations.length - 1,
      things: seedSizes.thingsPerOrganization - 1,
      names: 999_999,
    },
  };
}

function logFile(folder: string, name: string): string {
  const logs = join(folder, 'logs');
  mkdirSync(logs, { recursive: true });
  return join(logs, `${name}.log`);
}
