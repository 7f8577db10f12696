import { randomUUID } from 'node:crypto';
import { deploymentOrgId, systemIdentity } from '../../auth/identity.js';
import { setAlert } from '../../db/set-alert.js';
import { withOrg } from '../../db/with-org.js';
import { checks } from '../../posture/checks.js';
import { keepPosture, passedChecks } from '../../posture/last-posture.js';
import { closePosture, openPosture } from '../../posture/posture-context.js';
import { type CheckResult, runPosture } from '../../posture/run-posture.js';
import type { Task, TaskContext } from '../task.js';

/**
 * Looks whether the promises are kept, sets an alert for each check that has passed and does not now, and keeps what it
 * has found. What has not passed here in the runs that are kept, an encrypted disk for example, is no news.
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
    const passed = await withOrg(operational, identity, 'read', passedChecks);
    const posture = openPosture(configuration.posture, operational, now);
    try {
      const results = await runPosture(posture);
      // First: a run that was kept and then killed would have told nobody.
      await alertOn(context, results, passed);
      await withOrg(operational, identity, 'write', (tx) => keepPosture(tx, now, results));
    } finally {
      await closePosture(posture);
    }
  },
};

/**
 * Sets the alerts of checks that have passed and do not now, whether they fail or what they look at is gone, and clears
 * those of checks that pass. The alert of a check that neither passes nor has passed stays as it is.
 */
async function alertOn(
  { operational }: TaskContext,
  results: readonly CheckResult[],
  passed: ReadonlySet<string>,
): Promise<void> {
  for (const { check, status, evidence } of results) {
    const isFiring = status !== 'PASS';
    if (isFiring && !passed.has(check)) continue;
    const about = checks.find(({ id }) => id === check);
    await setAlert(operational, {
      name: `PromiseBroken/${check}`,
      isFiring,
      severity: about?.canWait === true ? 'ticket' : 'page',
      summary: isFiring ? `No longer so: ${about?.title}` : `So again: ${about?.title}`,
      evidence: { status, found: evidence },
    });
  }
}
