import { randomUUID } from 'node:crypto';
import { deploymentOrgId, systemIdentity } from '../../auth/identity.js';
import type { Database } from '../../db/database.js';
import { withOrg } from '../../db/with-org.js';
import { judgePromises } from '../../posture/judge-promises.js';
import { lastPosture } from '../../posture/last-posture.js';
import { trustPage } from '../../posture/trust-page.js';
import type { TrustSource } from './documentation-routes.js';

/** Milliseconds for which the page is kept: anybody may ask for it, and it changes once an hour. */
const keptMs = 5_000;

/** The trust page made from the last run that was kept; one look at the database serves all who ask. */
export function trustSource(operational: Database): TrustSource {
  let page: Promise<string> | undefined;
  let untilMs = 0;
  return () => {
    if (page === undefined || performance.now() > untilMs) {
      untilMs = performance.now() + keptMs;
      page = makePage(operational).catch((error: unknown) => {
        page = undefined;
        throw error;
      });
    }
    return page;
  };
}

async function makePage(operational: Database): Promise<string> {
  const identity = systemIdentity(deploymentOrgId, 'trust page', randomUUID());
  const run = await withOrg(operational, identity, 'read', lastPosture);
  return trustPage(
    run === null ? undefined : { endedAt: run.endedAt, promises: judgePromises(run.results) },
    new Date(),
  );
}
