import { randomUUID } from 'node:crypto';
import { deploymentOrgId, systemIdentity } from '../auth/identity.js';
import { withOrg } from '../db/with-org.js';
import { type RemovedReadings, removeExpired } from '../telemetry/retention.js';
import { connectAsProvisioner } from '../telemetry/with-provisioner.js';
import { asOnlyRunner } from './as-only-runner.js';
import { failureReason } from './failure-reason.js';
import { auditedTask } from './job-audit.js';
import type { JobContext } from './job-context.js';

/** An organization whose telemetry is looked at. */
interface KeptOrganization {
  readonly orgId: string;
  readonly retentionDays: number;
}

const part = 'retention';
const pageSize = 500;

/**
 * Removes the telemetry that has expired, organization by organization, each by its own retention. An organization of
 * which nothing has expired gets no entry in its audit log. What fails for one holds up no other; the next run goes on.
 */
export async function runRetention(context: JobContext, signal: AbortSignal): Promise<void> {
  await asOnlyRunner(context.configuration.provisionerUrl, part, async () => {
    let after: string | undefined;
    do {
      const page = await readPage(context, after);
      for (const organization of page.organizations) {
        if (signal.aborted) return;
        await cleanOrganization(context, organization);
      }
      after = page.next;
    } while (after !== undefined);
  });
}

/** Organizations whose database is there, by id; `next` is where the following page starts. */
async function readPage(
  context: JobContext,
  after: string | undefined,
): Promise<{ organizations: KeptOrganization[]; next: string | undefined }> {
  const identity = systemIdentity(deploymentOrgId, part, randomUUID());
  const rows = await withOrg(
    context.operational,
    identity,
    'read',
    (tx) => tx.sql<(KeptOrganization & { state: string })[]>`
      select org_id as "orgId", retention_days as "retentionDays", telemetry_state as state
      from platform.list_organizations(${after ?? null}, ${pageSize})`,
  );
  return {
    organizations: rows.filter(({ state }) => state === 'READY'),
    next: rows.length < pageSize ? undefined : rows.at(-1)?.orgId,
  };
}

async function cleanOrganization(context: JobContext, organization: KeptOrganization): Promise<void> {
  const { orgId, retentionDays } = organization;
  try {
    const removed = await removeExpiredOf(context, organization);
    if (removed !== undefined) context.log.info({ orgId, retentionDays, ...removed }, 'expired telemetry was removed');
  } catch (error) {
    context.log.error({ orgId, reason: failureReason(error) }, 'retention failed and is tried again in the next run');
  }
}

/** Undefined when nothing has expired. */
async function removeExpiredOf(
  context: JobContext,
  { orgId, retentionDays }: KeptOrganization,
): Promise<RemovedReadings | undefined> {
  const owner = connectAsProvisioner(context.configuration.provisionerUrl, await databaseOf(context, orgId));
  try {
    const [state] = await owner<{ cutoffMs: string; hasExpired: boolean }[]>`
      select floor(extract(epoch from cutoff) * 1000)::text as "cutoffMs",
             exists (select from telemetry.readings where at < cutoff)
             or exists (select from telemetry.latest where at < cutoff) as "hasExpired"
      from (select now() - make_interval(days => ${retentionDays}::int) as cutoff) c`;
    if (state?.hasExpired !== true) return undefined;
    const cutoffMs = Number(state.cutoffMs);
    return await auditedTask(context, {
      orgId,
      part,
      action: 'removeExpiredTelemetry',
      intent: { retentionDays, before: new Date(cutoffMs).toISOString() },
      effect: () => removeExpired(owner, cutoffMs),
    });
  } finally {
    await owner.end({ timeout: 5 });
  }
}

async function databaseOf(context: JobContext, orgId: string): Promise<string> {
  const identity = systemIdentity(orgId, part, randomUUID());
  const [placement] = await withOrg(
    context.operational,
    identity,
    'read',
    (tx) => tx.sql<{ database: string }[]>`select database_name as database from platform.telemetry_placement()`,
  );
  if (placement === undefined) throw new Error('the organization has no telemetry database');
  return placement.database;
}
