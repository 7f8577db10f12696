import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { scaleThings } from '../scenarios/scale.js';
import { asAdmin } from '../seed/admin.js';
import { createOrganizations } from '../seed/create-organizations.js';
import { type Deployment, openDeployment } from '../seed/deployment.js';
import { loadOperational } from '../seed/load-operational.js';
import { loadLatest } from '../seed/load-telemetry.js';
import { readManifest, writeManifest } from '../seed/manifest.js';
import type { Progress } from '../seed/progress.js';
import { removeSeeds, type SeededDeployment } from '../seed/seed.js';
import { seedName } from '../seed/seed-name.js';
import { seedVersion } from '../seed/seed-plan.js';
import { telemetryDatabases } from '../seed/telemetry-databases.js';
import { untilInterrupted } from '../until-interrupted.js';

/** Enough for 300 active organizations, and as `npm start` has it but for these numbers. */
const settings = { max_connections: '1000', shared_buffers: '1GB', autovacuum: 'off' };
const environment = { TELEMETRY_POOLS: '310' };
const sitesPerOrganization = 10;

/** A deployment with a number of organizations that have 100 things each; made by its first use. */
export async function openScaleDeployment(
  dataFolder: string,
  organizationCount: number,
  progress: Progress,
): Promise<SeededDeployment> {
  const kind = `scale-${organizationCount}`;
  const folder = join(dataFolder, seedName(kind));
  const known = readManifest(folder);
  if (known !== undefined) return { deployment: await openDeployment(folder, settings, environment), manifest: known };

  await removeSeeds(dataFolder, `${kind}-`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  progress.say(`making ${organizationCount} organizations in ${folder}, once`);
  const deployment = await openDeployment(folder, settings, environment);
  try {
    const { organizations, endMs } = await untilInterrupted(loadAll(deployment, organizationCount, progress));
    const manifest = { seedVersion, endMs, organizations };
    writeManifest(folder, manifest);
    return { deployment, manifest };
  } catch (error) {
    await deployment.stop();
    throw error;
  }
}

async function loadAll(deployment: Deployment, organizationCount: number, progress: Progress) {
  const organizations = await createOrganizations(deployment, organizationCount, progress);
  await loadOperational(deployment, organizations, { sitesPerOrganization, thingsPerOrganization: scaleThings });
  const endMs = Date.now();
  const databases = new Map((await telemetryDatabases(deployment)).map(({ orgId, name }) => [orgId, name]));
  for (const [number, { orgId }] of organizations.entries()) {
    await asAdmin(deployment, databases.get(orgId) ?? '', async (sql) => {
      await loadLatest(sql, number, endMs, scaleThings);
      await sql`vacuum (analyze) telemetry.latest`;
    });
  }
  return { organizations, endMs };
}
