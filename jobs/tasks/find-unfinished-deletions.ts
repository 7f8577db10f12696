import { askForOrganizations } from '../ask-for-organizations.js';
import { deletionPart } from '../deletion/deletion.js';
import type { Task } from '../task.js';
import { deleteOrganization } from './delete-organization.js';

/** Asks again for deletions of organizations that are not done and that no job is at, one that failed for good for example. */
export const findUnfinishedDeletions: Task = {
  name: 'findUnfinishedDeletions',
  concerns: 'DEPLOYMENT',
  maxAttempts: 3,
  schedule: { cron: '* * * * *', afterStartMs: 0 },
  run: (_payload, context) =>
    askForOrganizations(
      context,
      deletionPart,
      ({ sql }) => sql<{ orgId: string }[]>`select o as "orgId" from platform.unfinished_deletions() o`,
      deleteOrganization,
      'found',
    ),
};
