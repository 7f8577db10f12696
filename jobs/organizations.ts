import { randomUUID } from 'node:crypto';
import { deploymentOrgId, systemIdentity } from '../auth/identity.js';
import { withOrg } from '../db/with-org.js';
import type { TelemetryJobContext } from './job-context.js';

/** An organization as jobs see it. */
export interface ListedOrganization {
  readonly orgId: string;
  readonly retentionDays: number;
  /** State of its telemetry database. */
  readonly state: string;
}

const pageSize = 500;

/** All organizations of the deployment by id, read page by page. */
export async function* organizations(
  context: TelemetryJobContext,
  part: string,
): AsyncGenerator<ListedOrganization, void> {
  const identity = systemIdentity(deploymentOrgId, part, randomUUID());
  let after: string | undefined;
  do {
    const rows = await withOrg(
      context.operational,
      identity,
      'read',
      (tx) => tx.sql<ListedOrganization[]>`
        select org_id as "orgId", retention_days as "retentionDays", telemetry_state as state
        from platform.list_organizations(${after ?? null}, ${pageSize})`,
    );
    yield* rows;
    after = rows.length < pageSize ? undefined : rows.at(-1)?.orgId;
  } while (after !== undefined);
}
