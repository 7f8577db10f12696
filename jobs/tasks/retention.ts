import { type RemovedReadings, removeExpired } from '../../telemetry/retention.js';
import { connectAsProvisioner } from '../../telemetry/with-provisioner.js';
import { asOnlyRunnerOrLater } from '../as-only-runner.js';
import { auditedTask } from '../job-audit.js';
import type { JobContext } from '../job-context.js';
import type { Task } from '../task.js';
import {
  forEachTelemetryOrganization,
  type TelemetryOrganization,
  telemetryDatabaseOf,
} from '../telemetry-organizations.js';

const part = 'retention';

/**
 * Removes the telemetry that has expired, organization by organization, each by its own retention. An organization of
 * which nothing has expired gets no entry in its audit log. What fails for one holds up no other.
 */
export const retention: Task = {
  name: part,
  concerns: 'DEPLOYMENT',
  maxAttempts: 3,
  schedule: { cron: '7 * * * *', isAtStart: true },
  run: async (_payload, context) => {
    await asOnlyRunnerOrLater(context.configuration.provisionerUrl, part, () =>
      forEachTelemetryOrganization(context, part, async (organization) => {
        const { orgId, retentionDays } = organization;
        const removed = await removeExpiredOf(context, organization);
        if (removed !== undefined) {
          context.log.info({ orgId, retentionDays, ...removed }, 'expired telemetry was removed');
        }
      }),
    );
  },
};

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
