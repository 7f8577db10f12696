import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { systemIdentity } from '../../auth/identity.js';
import { closeDatabase, type Database, openDatabase } from '../../db/database.js';
import { withOrg } from '../../db/with-org.js';
import type { NewApiKey } from '../../domain/api-key/create-api-key.js';
import { createOrganization } from '../../domain/organization/create-organization.js';
import { setOrganizationLimits } from '../../domain/organization/set-organization-limits.js';
import { createKeyAsSystem, firstKey } from '../../server/create-key-as-system.js';
import { workerConfiguration } from '../../server/start/child-configurations.js';
import { SupervisedChild } from '../../server/start/supervised-child.js';
import { asAdmin } from './admin.js';
import type { Deployment } from './deployment.js';
import type { SeededOrganization } from './manifest.js';
import type { Progress } from './progress.js';
import { seedSizes, siteId } from './seed-plan.js';

/** The most that an operator can set: checked on every request, and never refusing one. */
const plenty = 1_000_000;
/** Part of the system that acts, as in the audit log. */
const part = 'bench';
const provisioningPatienceMs = 600_000;

/**
 * Makes organizations by the functions of the operator's API, with their keys and limits, and lets a worker of the
 * product provision their telemetry databases.
 */
export async function createOrganizations(
  deployment: Deployment,
  count: number,
  progress: Progress,
): Promise<SeededOrganization[]> {
  const { ingredients, addresses, server } = deployment;
  const operational = openDatabase({
    url: addresses.gateway,
    contextKey: ingredients.keys.context,
    maxConnections: 2,
    applicationName: 'bench seed',
  });
  const log = pino({ level: 'silent' });
  const worker = new SupervisedChild(
    'worker',
    { ...workerConfiguration(ingredients, server.adminUrl('postgres'), 0), logLevel: 'error' },
    log,
  );
  try {
    await worker.start();
    const organizations: SeededOrganization[] = [];
    for (let index = 0; index < count; index += 1) {
      organizations.push(await createOne(deployment, operational, index));
    }
    await awaitProvisioning(deployment, progress);
    return organizations;
  } finally {
    await worker.stop();
    await closeDatabase(operational);
  }
}

async function createOne(deployment: Deployment, operational: Database, index: number): Promise<SeededOrganization> {
  const { keys, configuration } = deployment.ingredients;
  const identityFor = (orgId: string) => systemIdentity(orgId, part, randomUUID());
  const orgId = await createOrganization(operational, keys.telemetry, identityFor, `Organization ${index}`);
  await withOrg(operational, identityFor(orgId), 'write', async (tx) => {
    for (const tier of ['STANDARD', 'DATA_READ'] as const) {
      await setOrganizationLimits(tx, { tier, perMinute: plenty, burst: plenty });
    }
  });
  const environment = configuration.BULKHEAD_ENVIRONMENT;
  const keyOf = async (key: NewApiKey) =>
    (await createKeyAsSystem(operational, { orgId, part, environment, key })).text;
  return { orgId, fullKey: await keyOf(firstKey), restrictedKey: await keyOf(restrictedKey(index)) };
}

/** Reads and writes 20 sites of 400 with all their things, reads all definitions: 61 scopes. */
function restrictedKey(organization: number): NewApiKey {
  const sites = Array.from(
    { length: seedSizes.restrictedSites },
    (_, site) => `PLACE/Site/${siteId(organization, site)}`,
  );
  const scopes = sites.flatMap((site) => [
    { action: 'read' as const, resourceFilter: site },
    { action: 'read' as const, resourceFilter: `${site}/THING/#/#` },
    { action: 'write' as const, resourceFilter: `${site}/THING/#/#` },
  ]);
  const definitions = { action: 'read' as const, resourceFilter: 'DEFINITION/#/#' };
  return { name: 'Restricted key', type: 'EXTERNAL', scopes: [...scopes, definitions] };
}

async function awaitProvisioning(deployment: Deployment, progress: Progress): Promise<void> {
  const deadline = Date.now() + provisioningPatienceMs;
  for (;;) {
    const waiting = await asAdmin(deployment, 'bulkhead', async (sql) => {
      const [row] = await sql<{ waiting: number }[]>`
        select count(*)::int as waiting from platform.telemetry_databases where state <> 'READY'`;
      return row?.waiting ?? 0;
    });
    if (waiting === 0) return;
    if (Date.now() > deadline) throw new Error(`${waiting} telemetry databases were not provisioned in 10 minutes`);
    progress.say(`provisioning telemetry databases: ${waiting} to go`);
    await delay(1000);
  }
}
