import { randomUUID } from 'node:crypto';
import { systemIdentity } from '../auth/identity.js';
import { withOrg } from '../db/with-org.js';
import { BulkheadError } from '../errors/bulkhead-error.js';
import { failureReason } from './failure-reason.js';
import type { TelemetryJobContext } from './job-context.js';
import { organizations } from './organizations.js';
import type { TaskContext } from './task.js';

/** An organization whose telemetry database is there. */
export interface TelemetryOrganization {
  readonly orgId: string;
  readonly retentionDays: number;
}

/** All organizations whose telemetry database is there, by id. */
export async function* telemetryOrganizations(
  context: TelemetryJobContext,
  part: string,
): AsyncGenerator<TelemetryOrganization, void> {
  for await (const organization of organizations(context, part)) {
    if (organization.state === 'READY') yield organization;
  }
}

/**
 * Runs `work` for all of them, one after the other. What fails for one is logged and holds up no other.
 * @throws BulkheadError that says for how many it failed, after all were tried, and when the worker is to end
 */
export async function forEachTelemetryOrganization(
  context: TaskContext,
  part: string,
  work: (organization: TelemetryOrganization) => Promise<void>,
): Promise<void> {
  let total = 0;
  let failed = 0;
  for await (const organization of telemetryOrganizations(context, part)) {
    context.signal.throwIfAborted();
    total += 1;
    try {
      await work(organization);
    } catch (error) {
      failed += 1;
      context.log.error(
        { job: part, orgId: organization.orgId, reason: failureReason(error) },
        'failed for one organization',
      );
    }
  }
  context.signal.throwIfAborted();
  if (failed > 0) throw new BulkheadError('UNAVAILABLE', `failed for ${failed} of ${total} organizations, see the log`);
}

/** The name of an organization's telemetry database, and of its role. */
export async function telemetryDatabaseOf(context: TelemetryJobContext, orgId: string, part: string): Promise<string> {
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
