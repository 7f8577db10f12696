import { existsSync, mkdirSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { clusterLocation } from '../../db/embedded/cluster-location.js';
import { readServerRecord } from '../../db/embedded/server-record.js';
import { startEmbeddedServer } from '../../db/embedded/start-embedded-server.js';
import { untilInterrupted } from '../until-interrupted.js';
import { asAdmin } from './admin.js';
import { createOrganizations } from './create-organizations.js';
import { type Deployment, homeOf, measurementSettings, openDeployment } from './deployment.js';
import { loadOperational } from './load-operational.js';
import { loadSingleDatabase } from './load-single-database.js';
import { loadTelemetry } from './load-telemetry.js';
import { type Manifest, readManifest, writeManifest } from './manifest.js';
import type { Progress } from './progress.js';
import { seedName } from './seed-name.js';
import { seedSizes, seedVersion } from './seed-plan.js';
import { telemetryDatabases } from './telemetry-databases.js';

const dayMs = 86_400_000;
/** Bytes that the seed and a run write. */
const neededBytes = 8 * 1024 ** 3;

/** A deployment with all rows of the seed, its PostgreSQL running. */
export interface SeededDeployment {
  readonly deployment: Deployment;
  readonly manifest: Manifest;
}

/**
 * Opens the seeded deployment of a data folder; makes it first (some minutes) where there is none of this version.
 * @throws Error that says what to do, where the disk has no room for it
 */
export async function openSeed(
  dataFolder: string,
  progress: Progress,
  settings: Readonly<Record<string, string>> = measurementSettings,
): Promise<SeededDeployment> {
  const folder = join(dataFolder, seedName('seed'));
  const known = readManifest(folder);
  if (known !== undefined) return { deployment: await openDeployment(folder, settings), manifest: known };

  progress.say('removing seeds that were interrupted or are of other migrations');
  await removeSeeds(dataFolder, 'seed-');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  requireRoom(folder);
  progress.say(`making the seed in ${folder}, once; it takes some minutes`);
  const deployment = await openDeployment(folder);
  try {
    const { organizations, endMs } = await untilInterrupted(loadAll(deployment, progress));
    const manifest: Manifest = { seedVersion, endMs, organizations };
    writeManifest(folder, manifest);
    return { deployment, manifest };
  } catch (error) {
    await deployment.stop();
    throw error;
  }
}

async function loadAll(deployment: Deployment, progress: Progress) {
  const organizations = await createOrganizations(deployment, seedSizes.organizations, progress);
  progress.say(`${organizations.length} organizations are made`);
  await loadOperational(deployment, organizations);
  progress.say('sites, things and definitions are loaded');
  const endMs = Math.floor(Date.now() / dayMs) * dayMs;
  await loadTelemetry(deployment, organizations, endMs, progress);
  await loadSingleDatabase(deployment, organizations);
  await liftConnectionLimits(deployment);
  progress.say('latest values for peers that know one database only are loaded');
  return { organizations, endMs };
}

/**
 * Removes seeds of a kind: those that were interrupted, whose PostgreSQL may still run, and those of other migrations.
 * @param prefix beginning of the names of their folders
 */
export async function removeSeeds(dataFolder: string, prefix: string): Promise<void> {
  if (!existsSync(dataFolder)) return;
  for (const name of readdirSync(dataFolder).filter((one) => one.startsWith(prefix))) {
    await removeSeed(join(dataFolder, name));
  }
}

async function removeSeed(folder: string): Promise<void> {
  const home = homeOf(folder);
  if (!existsSync(home)) return;
  if (readServerRecord(home) !== undefined) {
    const server = await startEmbeddedServer({ home, settings: measurementSettings });
    await server.stop();
  }
  // As root the cluster is not below its home.
  rmSync(clusterLocation(home).dataDirectory, { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
}

/** A role of a telemetry database may have ten sessions; here each contender takes two of them and stays connected. */
async function liftConnectionLimits(deployment: Deployment): Promise<void> {
  const databases = await telemetryDatabases(deployment);
  await asAdmin(deployment, 'postgres', async (sql) => {
    for (const { name } of databases) await sql`alter role ${sql(name)} connection limit -1`;
  });
}

function requireRoom(folder: string): void {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  if (free >= neededBytes) return;
  const gigabytes = (bytes: number) => (bytes / 1024 ** 3).toFixed(1);
  throw new Error(
    `The seed needs ${gigabytes(neededBytes)} GB and ${folder} has ${gigabytes(free)} GB free: ` +
      'free some, or name another folder with --data.',
  );
}
