import { randomUUID } from 'node:crypto';
import { deploymentOrgId, systemIdentity } from '../auth/identity.js';
import { withOrg } from '../db/with-org.js';
import type { JobContext } from './job-context.js';

/** An organization whose telemetry database is there. */
export interface TelemetryOrganization {
  readonly orgId: string;
  readonly retentionDays: number;
}

const pageSize = 500;

/** All organizations whose telemetry database is there, by id, read page by page. */
export async function* telemetryOrganizations(
  context: JobContext,
  part: string,
): AsyncGenerator<TelemetryOrganization, void> {
  const identity = systemIdentity(deploymentOrgId, part, randomUUID());
  let after: string | undefined;
  do {
    const rows = await withOrg(
      context.operational,
      identity,
      'read',
      (tx) => tx.sql<(TelemetryOrganization & { state: string })[]>`
        select org_id as "orgId", retention_days as "retentionDays", telemetry_state as state
        from platform.list_organizations(${after ?? null}, ${pageSize})`,
    );
    yield* rows.filter(({ state }) => state === 'READY');
    after = rows.length < pageSize ? undefined : rows.at(-1)?.orgId;
  } while (after !== undefined);
}

/** The name of an organization's telemetry database, and of its role. */
export async function telemetryDatabaseOf(context: JobContext, orgId: string, part: string): Promise<string> {
  const identity = systemIdentity(orgId, part, randomUUID());
  const [placement] = await withOrg(
    context.operational,
    identity,
    'read',
    (tx) => tx.sql<{ database: string }[]>`select database_name as database from platform.telemetry_placement()`,
  );
  if (placement === undefined) throw new Error('the organization has no telemetry database');
  return placement.database;
}
