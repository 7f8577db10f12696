import { randomUUID } from 'node:crypto';
import { deploymentOrgId, systemIdentity } from '../../auth/identity.js';
import { ApiClient } from '../../client/api-client.js';
import type { Database } from '../../db/database.js';
import { withOrg } from '../../db/with-org.js';
import { backfill } from '../../demo/backfill.js';
import { buildModel } from '../../demo/build-model.js';
import { createOrganization } from '../../domain/organization/create-organization.js';
import { getOperatedOrganization, listOperatedOrganizations } from '../../domain/organization/operated-organization.js';
import { BulkheadError } from '../../errors/bulkhead-error.js';
import { createKeyAsSystem, firstKey } from '../create-key-as-system.js';
import {
  type DemoAccess,
  type DemoProgress,
  demoFile,
  keepDemo,
  keepDemoProgress,
  readDemo,
  readDemoProgress,
} from './demo-files.js';

/** The demo organization. */
export interface Demo extends DemoAccess {
  /** Path of the file that holds address and key. */
  readonly file: string;
  /** Whether this start has made it. */
  readonly isNew: boolean;
}

/** What the making of the demo needs. */
export interface DemoIngredients {
  readonly home: string;
  /** Address of the gateway. */
  readonly url: string;
  /** Operational database as the gateway sees it. */
  readonly operational: Database;
  readonly telemetryKey: Buffer;
  /** Label inside API keys. */
  readonly environment: string;
  readonly signal: AbortSignal;
}

const organizationName = 'Demo Organization';
const part = 'demo';
/** Milliseconds that one step of the making may wait for the gateway. */
const maxWaitMs = 60_000;

/**
 * The demo organization of a home. It is made where the deployment has no organization at all; an interrupted making goes
 * on where it stopped.
 * @returns undefined where there is none: its files were removed, or there were organizations before
 * @throws ApiFailure, BulkheadError when the making fails; the next start goes on with it
 */
export async function demonstrate(ingredients: DemoIngredients): Promise<Demo | undefined> {
  const { home, url } = ingredients;
  const file = demoFile(home);
  const progress = readDemoProgress(home);
  const known = readDemo(home);
  if (known !== undefined && progress === undefined) {
    if (known.url !== url) keepDemo(home, { ...known, url });
    return { ...known, url, file, isNew: false };
  }
  if (progress === undefined && (await hasOrganizations(ingredients.operational))) return undefined;

  const { orgId, apiKey } = await ensureKey(ingredients, await ensureOrganization(ingredients, progress));
  const api = new ApiClient({ url, apiKey }, { signal: ingredients.signal, maxWaitMs });
  await buildModel(api);
  await backfill(api);
  const demo = { url, orgId, apiKey };
  keepDemo(home, demo);
  return { ...demo, file, isNew: true };
}

async function hasOrganizations(operational: Database): Promise<boolean> {
  const identity = systemIdentity(deploymentOrgId, part, randomUUID());
  const page = await withOrg(operational, identity, 'read', (tx) => listOperatedOrganizations(tx, { first: 1 }));
  return page.length > 0;
}

/** The id is kept before the organization is made: whatever is interrupted, the next start knows whose it is. */
async function ensureOrganization(
  { home, operational, telemetryKey }: DemoIngredients,
  progress: DemoProgress | undefined,
): Promise<DemoProgress> {
  if (progress !== undefined && (await exists(operational, progress.orgId))) return progress;
  const identityFor = (orgId: string) => {
    keepDemoProgress(home, { orgId });
    return systemIdentity(orgId, part, randomUUID());
  };
  return { orgId: await createOrganization(operational, telemetryKey, identityFor, organizationName) };
}

async function exists(operational: Database, orgId: string): Promise<boolean> {
  try {
    await withOrg(operational, systemIdentity(orgId, part, randomUUID()), 'read', getOperatedOrganization);
    return true;
  } catch (error) {
    if (error instanceof BulkheadError && error.code === 'NOT_FOUND') return false;
    throw error;
  }
}

/** A key that was made just before an interruption is known to nobody: another one is made. */
async function ensureKey(
  { home, operational, environment }: DemoIngredients,
  { orgId, apiKey }: DemoProgress,
): Promise<{ orgId: string; apiKey: string }> {
  if (apiKey !== undefined) return { orgId, apiKey };
  const created = await createKeyAsSystem(operational, { orgId, part, environment, key: firstKey });
  keepDemoProgress(home, { orgId, apiKey: created.text });
  return { orgId, apiKey: created.text };
}
