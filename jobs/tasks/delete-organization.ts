import { asOnlyRunnerOrLater } from '../as-only-runner.js';
import { runDeletion } from '../deletion/run-deletion.js';
import { organizationOf } from '../organization-of.js';
import type { Task } from '../task.js';

/**
 * Deletes an organization, for which it is enqueued in the transaction of the request. Each step looks at what is there,
 * so a run that was killed anywhere is finished by the next one.
 */
export const deleteOrganization: Task = {
  name: 'deleteOrganization',
  concerns: 'ORGANIZATION',
  maxAttempts: 25,
  run: async (payload, context) => {
    const orgId = organizationOf(payload);
    await asOnlyRunnerOrLater(context.configuration.provisionerUrl, `deletion:${orgId}`, () =>
      runDeletion(context, orgId),
    );
  },
};
