import { type RemovedReadings, removeExpired } from '../telemetry/retention.js';
import { connectAsProvisioner } from '../telemetry/with-provisioner.js';
import { asOnlyRunner } from './as-only-runner.js';
import { failureReason } from './failure-reason.js';
import { auditedTask } from './job-audit.js';
import type { JobContext } from './job-context.js';
import { type TelemetryOrganization, telemetryDatabaseOf, telemetryOrganizations } from './telemetry-organizations.js';

const part = 'retention';

/**
 * Removes the telemetry that has expired, organization by organization, each by its own retention. An organization of
 * which nothing has expired gets no entry in its audit log. What fails for one holds up no other; the next run goes on.
 */
export async function runRetention(context: JobContext, signal: AbortSignal): Promise<void> {
  await asOnlyRunner(context.configuration.provisionerUrl, part, async () => {
    for await (const organization of telemetryOrganizations(context, part)) {
      if (signal.aborted) return;
      await cleanOrganization(context, organization);
    }
  });
}

async function cleanOrganization(context: JobContext, organization: TelemetryOrganization): Promise<void> {
  const { orgId, retentionDays } = organization;
  try {
    const removed = await removeExpiredOf(context, organization);
    if (removed !== undefined) context.log.info({ orgId, retentionDays, ...removed }, 'expired telemetry was removed');
  } catch (error) {
    context.log.error({ orgId, reason: failureReason(error) }, 'retention failed and is tried again in the next run');
  }
}

/** Undefined when nothing has expired, and no earlier run was interrupted. */
async function removeExpiredOf(
  context: JobContext,
  { orgId, retentionDays }: TelemetryOrganization,
): Promise<RemovedReadings | undefined> {
  const owner = connectAsProvisioner(
    context.configuration.provisionerUrl,
    await telemetryDatabaseOf(context, orgId, part),
  );
  try {
    const [state] = await owner<{ cutoffMs: string; hasExpired: boolean }[]>`
      select floor(extract(epoch from cutoff) * 1000)::text as "cutoffMs",
             exists (select from telemetry.readings where at < cutoff)
             or exists (select from telemetry.latest where at < cutoff)
             or exists (select from telemetry.rollup_state where removing_before is not null) as "hasExpired"
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
