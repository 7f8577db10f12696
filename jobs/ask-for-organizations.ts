import { randomUUID } from 'node:crypto';
import { deploymentOrgId, systemIdentity } from '../auth/identity.js';
import { type OrgTransaction, withOrg } from '../db/with-org.js';
import { enqueueJob } from './enqueue-job.js';
import type { Task, TaskContext } from './task.js';

/**
 * Asks for a job of each organization that a look into the deployment finds.
 * @param part of the system that acts
 * @param find answers organizations, as a function of `platform` that is for the system only
 * @param jobKey of the jobs: one that still waits is not asked for twice
 */
export async function askForOrganizations(
  { operational }: Pick<TaskContext, 'operational'>,
  part: string,
  find: (tx: OrgTransaction) => PromiseLike<readonly { readonly orgId: string }[]>,
  task: Pick<Task, 'name'>,
  jobKey: string,
): Promise<void> {
  const found = await withOrg(operational, systemIdentity(deploymentOrgId, part, randomUUID()), 'read', async (tx) =>
    find(tx),
  );
  for (const { orgId } of found) {
    await withOrg(operational, systemIdentity(orgId, part, randomUUID()), 'write', (tx) =>
      enqueueJob(tx, task.name, {}, { jobKey }),
    );
  }
}
