import { randomUUID } from 'node:crypto';
import { deploymentOrgId, systemIdentity } from '../../auth/identity.js';
import { withOrg } from '../../db/with-org.js';
import { enqueueJob } from '../enqueue-job.js';
import type { Task } from '../task.js';
import { provisionTelemetry } from './provision-telemetry.js';

const part = 'findUnprovisioned';

/** Asks again for telemetry databases that are to be made and that no job is at, one that failed for good for example. */
export const findUnprovisioned: Task = {
  name: part,
  concerns: 'DEPLOYMENT',
  maxAttempts: 3,
  schedule: { cron: '* * * * *', isAtStart: true },
  run: async (_payload, { operational }) => {
    const waiting = await withOrg(
      operational,
      systemIdentity(deploymentOrgId, part, randomUUID()),
      'read',
      (tx) => tx.sql<{ orgId: string }[]>`select o as "orgId" from platform.unprovisioned_organizations() o`,
    );
    for (const { orgId } of waiting) {
      const identity = systemIdentity(orgId, part, randomUUID());
      await withOrg(operational, identity, 'write', (tx) =>
        enqueueJob(tx, provisionTelemetry.name, {}, { jobKey: 'found' }),
      );
    }
  },
};
