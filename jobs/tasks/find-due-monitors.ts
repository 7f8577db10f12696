import { randomUUID } from 'node:crypto';
import { deploymentOrgId, systemIdentity } from '../../auth/identity.js';
import { withOrg } from '../../db/with-org.js';
import { enqueueJob } from '../enqueue-job.js';
import type { Task } from '../task.js';
import { evaluateMonitors } from './evaluate-monitors.js';

const part = 'findDueMonitors';

/** Asks for an evaluation of the monitors of every organization that has one whose tick has come. */
export const findDueMonitors: Task = {
  name: part,
  concerns: 'DEPLOYMENT',
  maxAttempts: 1,
  schedule: { cron: '* * * * *', isAtStart: true },
  run: async (_payload, { operational }) => {
    const due = await withOrg(
      operational,
      systemIdentity(deploymentOrgId, part, randomUUID()),
      'read',
      (tx) => tx.sql<{ orgId: string }[]>`select o as "orgId" from platform.organizations_with_due_monitors() o`,
    );
    for (const { orgId } of due) {
      await withOrg(operational, systemIdentity(orgId, part, randomUUID()), 'write', (tx) =>
        enqueueJob(tx, evaluateMonitors.name, {}, { jobKey: 'due' }),
      );
    }
  },
};
