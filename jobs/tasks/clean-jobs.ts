import { randomUUID } from 'node:crypto';
import { deploymentOrgId, systemIdentity } from '../../auth/identity.js';
import { withOrg } from '../../db/with-org.js';
import type { Task } from '../task.js';

/**
 * Removes the record of runs that succeeded after 7 days, and of each task all but the newest 10,000 of them; of other
 * runs and of jobs that failed for good after 30 days; and queues that nobody uses.
 */
export const cleanJobs: Task = {
  name: 'cleanJobs',
  concerns: 'DEPLOYMENT',
  maxAttempts: 3,
  schedule: { cron: '17 * * * *' },
  isMovable: true,
  run: async (_payload, { operational, now, log }) => {
    const identity = systemIdentity(deploymentOrgId, 'cleanJobs', randomUUID());
    const [removed] = await withOrg(
      operational,
      identity,
      'write',
      (tx) => tx.sql<{ runs: number; jobs: number }[]>`
        select runs::int, jobs::int from platform.clean_jobs(${now.toISOString()}::timestamptz)`,
    );
    if (removed !== undefined && removed.runs + removed.jobs > 0) {
      log.info({ ...removed }, 'old runs, and jobs that had failed for good, were removed');
    }
  },
};
