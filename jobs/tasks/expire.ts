import { randomUUID } from 'node:crypto';
import { deploymentOrgId, systemIdentity } from '../../auth/identity.js';
import { withOrg } from '../../db/with-org.js';
import { BulkheadError } from '../../errors/bulkhead-error.js';
import { dropLeftDatabases } from '../../telemetry/left-databases.js';
import { type Expiry, expiries } from '../expiries.js';
import { failureReason } from '../failure-reason.js';
import { organizations } from '../organizations.js';
import type { Task, TaskContext } from '../task.js';

const part = 'expire';

/**
 * Removes the records that have ended: those of `expiries` that are this job's. They are of no use from the moment of
 * their expiry; this gives their room back. What fails for one organization holds up no other. With them go telemetry
 * databases that an interrupted `org restore` has left, a day later.
 */
export const expire: Task = {
  name: part,
  concerns: 'DEPLOYMENT',
  maxAttempts: 3,
  schedule: { cron: '27 * * * *' },
  isMovable: true,
  run: async (_payload, context) => {
    const ofDeployment = expiries.filter(({ sweep }) => sweep?.concerns === 'DEPLOYMENT');
    const ofOrganizations = expiries.filter(({ sweep }) => sweep?.concerns === 'ORGANIZATION');
    let failures = 0;
    for (const expiry of ofDeployment) failures += await remove(context, deploymentOrgId, expiry);
    for await (const { orgId } of organizations(context, part)) {
      for (const expiry of ofOrganizations) {
        context.signal.throwIfAborted();
        failures += await remove(context, orgId, expiry);
      }
    }
    const left = await dropLeftDatabases(context.configuration.provisionerUrl, context.now);
    if (left > 0) context.log.info({ left }, 'telemetry databases that were nobody’s were dropped');
    if (failures > 0) throw new BulkheadError('UNAVAILABLE', `${failures} removals failed, see the log`);
  },
};

async function remove(context: TaskContext, orgId: string, { name, sweep }: Expiry): Promise<0 | 1> {
  const { operational, now, log } = context;
  try {
    const identity = systemIdentity(orgId, part, randomUUID());
    const removed = await withOrg(operational, identity, 'write', async (tx) => sweep?.remove(tx, now) ?? 0);
    if (removed > 0) log.info({ orgId, records: name, removed }, 'expired records were removed');
    return 0;
  } catch (error) {
    log.error({ orgId, records: name, reason: failureReason(error) }, 'expired records could not be removed');
    return 1;
  }
}
