import { asOnlyRunnerOrLater } from '../as-only-runner.js';
import { cleanTelemetry } from '../clean-telemetry.js';
import type { Task } from '../task.js';
import { forEachTelemetryOrganization } from '../telemetry-organizations.js';

/**
 * Removes the telemetry that has expired, organization by organization, each by its own retention. What fails for one, or
 * is refused, holds up no other.
 */
export const retention: Task = {
  name: 'retention',
  concerns: 'DEPLOYMENT',
  maxAttempts: 3,
  schedule: { cron: '7 * * * *', afterStartMs: 0 },
  run: async (_payload, context) => {
    await asOnlyRunnerOrLater(context.configuration.provisionerUrl, 'retention', () =>
      forEachTelemetryOrganization(context, 'retention', async ({ orgId }) => {
        await cleanTelemetry(context, orgId, { isConfirmed: false });
      }),
    );
  },
};
