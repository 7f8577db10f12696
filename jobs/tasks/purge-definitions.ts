import { purgeDefinitionsOf } from '../purge-definitions.js';
import type { Task } from '../task.js';
import { forEachTelemetryOrganization } from '../telemetry-organizations.js';

/** Removes definitions for good that were soft-deleted long ago, organization by organization, each by its own time. */
export const purgeDefinitions: Task = {
  name: 'purgeDefinitions',
  concerns: 'DEPLOYMENT',
  maxAttempts: 3,
  schedule: { cron: '37 * * * *' },
  run: (_payload, context) =>
    forEachTelemetryOrganization(context, 'purgeDefinitions', ({ orgId }) =>
      purgeDefinitionsOf(context, orgId, context.signal),
    ),
};
