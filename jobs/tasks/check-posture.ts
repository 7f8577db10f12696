import { randomUUID } from 'node:crypto';
import { deploymentOrgId, systemIdentity } from '../../auth/identity.js';
import { setAlert } from '../../db/set-alert.js';
import { withOrg } from '../../db/with-org.js';
import { checks } from '../../posture/checks.js';
import { keepPosture, lastPosture } from '../../posture/last-posture.js';
import { closePosture, openPosture } from '../../posture/posture-context.js';
import { type CheckResult, runPosture } from '../../posture/run-posture.js';
import type { Task, TaskContext } from '../task.js';

/**
 * Looks whether the promises are kept, keeps what it finds, and sets an alert for each check that has passed and fails
 * now. What has never passed here, an encrypted disk for example, is no news.
 */
export const checkPosture: Task = {
  name: 'checkPosture',
  concerns: 'DEPLOYMENT',
  maxAttempts: 2,
  schedule: { cron: '41 * * * *', afterStartMs: 120_000 },
  run: async (_payload, context) => {
    const { configuration, operational, now } = context;
    // A worker that no `bulkhead start` has started has nothing around it to look at.
    if (configuration.posture === undefined) return;
    const identity = systemIdentity(deploymentOrgId, 'posture', randomUUID());
    const before = await withOrg(operational, identity, 'read', lastPosture);
    const posture = openPosture(configuration.posture, operational, now);
    try {
      const results = await runPosture(posture);
      await withOrg(operational, identity, 'write', (tx) => keepPosture(tx, now, results));
      await alertOn(context, results, before?.results ?? []);
    } finally {
      await closePosture(posture);
    }
  },
};

/** Sets the alert of a check that has begun to fail, and clears those of all that do not. */
async function alertOn(
  { operational }: TaskContext,
  results: readonly CheckResult[],
  before: readonly CheckResult[],
): Promise<void> {
  for (const { check, status, evidence } of results) {
    const isFailing = status === 'FAIL';
    const was = before.find((one) => one.check === check)?.status;
    if (isFailing && was !== 'PASS') continue;
    const about = checks.find(({ id }) => id === check);
    await setAlert(operational, {
      name: `PromiseBroken/${check}`,
      isFiring: isFailing,
      severity: about?.canWait === true ? 'ticket' : 'page',
      summary: isFailing ? `No longer so: ${about?.title}` : `So again: ${about?.title}`,
      evidence: { found: evidence },
    });
  }
}
