import { alertPage } from '../../alerts/alert-page.js';
import { deploymentOrgId } from '../../auth/identity.js';
import { withOrg } from '../../db/with-org.js';
import { requireUuid } from '../../domain/input/id.js';
import { listFailedJobs, listJobs } from '../../domain/job/jobs.js';
import { getDeletion, listDeletions } from '../../domain/organization/deletions.js';
import { getOperatedOrganization, listOperatedOrganizations } from '../../domain/organization/operated-organization.js';
import { checks } from '../../posture/checks.js';
import { judgePromises } from '../../posture/judge-promises.js';
import { lastPosture } from '../../posture/last-posture.js';
import { operatorOn } from './operate.js';
import type { QueryResolvers } from './types.generated.js';

/** Queries of operators. */
export const Query = {
  organizations: (_root, page, context) =>
    withOrg(context.operational, operatorOn(context, deploymentOrgId), 'read', (tx) =>
      listOperatedOrganizations(tx, page),
    ),
  organization: async (_root, { id }, context) =>
    withOrg(context.operational, operatorOn(context, requireUuid(id, 'organization')), 'read', getOperatedOrganization),
  deletions: (_root, page, context) =>
    withOrg(context.operational, operatorOn(context, deploymentOrgId), 'read', (tx) => listDeletions(tx, page)),
  deletion: (_root, { organizationId }, context) =>
    withOrg(context.operational, operatorOn(context, deploymentOrgId), 'read', (tx) => getDeletion(tx, organizationId)),
  jobs: (_root, _args, context) => withOrg(context.operational, operatorOn(context, deploymentOrgId), 'read', listJobs),
  failedJobs: (_root, page, context) =>
    withOrg(context.operational, operatorOn(context, deploymentOrgId), 'read', (tx) => listFailedJobs(tx, page)),
  alerts: async (_root, request, context) => {
    const page = await withOrg(context.operational, operatorOn(context, deploymentOrgId), 'read', (tx) =>
      alertPage(tx, request),
    );
    return page.map(({ severity, evidence, ...alert }) => ({
      ...alert,
      severity: severity === 'page' ? ('PAGE' as const) : ('TICKET' as const),
      evidence: JSON.stringify(evidence),
    }));
  },
  posture: async (_root, _args, context) => {
    const run = await withOrg(context.operational, operatorOn(context, deploymentOrgId), 'read', lastPosture);
    if (run === null) return null;
    const { startedAt, endedAt, results } = run;
    const found = results.map(({ check, ...rest }) => ({ ...rest, id: check, title: titleOf(check) }));
    return { startedAt, endedAt, promises: judgePromises(results), checks: found };
  },
} satisfies QueryResolvers;

function titleOf(check: string): string {
  return checks.find(({ id }) => id === check)?.title ?? check;
}
