import { randomUUID } from 'node:crypto';
import { deploymentOrgId, systemIdentity } from '../../auth/identity.js';
import { withOrg } from '../../db/with-org.js';
import { deletionPart } from '../deletion/deletion.js';
import { enqueueJob } from '../enqueue-job.js';
import type { Task } from '../task.js';
import { deleteOrganization } from './delete-organization.js';

/** Asks again for deletions of organizations that are not done and that no job is at, one that failed for good for example. */
export const findUnfinishedDeletions: Task = {
  name: 'findUnfinishedDeletions',
  concerns: 'DEPLOYMENT',
  maxAttempts: 3,
  schedule: { cron: '* * * * *', isAtStart: true },
  run: async (_payload, { operational }) => {
    const waiting = await withOrg(
      operational,
      systemIdentity(deploymentOrgId, deletionPart, randomUUID()),
      'read',
      (tx) => tx.sql<{ orgId: string }[]>`select o as "orgId" from platform.unfinished_deletions() o`,
    );
    for (const { orgId } of waiting) {
      const identity = systemIdentity(orgId, deletionPart, randomUUID());
      await withOrg(operational, identity, 'write', (tx) =>
        enqueueJob(tx, deleteOrganization.name, {}, { jobKey: 'found' }),
      );
    }
  },
};
