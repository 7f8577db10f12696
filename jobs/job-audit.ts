import { randomUUID } from 'node:crypto';
import { type AuditEntry, appendAudit } from '../audit/append-audit.js';
import { type Identity, systemIdentity } from '../auth/identity.js';
import { organizationPath } from '../auth/scopes/resource-path.js';
import { type OrgTransaction, withOrg } from '../db/with-org.js';
import { failureReason } from './failure-reason.js';
import type { TelemetryJobContext } from './job-context.js';

/** A task for one organization whose effect is in another store than its audit log. */
export interface AuditedTask<T> {
  readonly orgId: string;
  /** Part of the system that acts, e.g. `provisioning`. */
  readonly part: string;
  /** Name of the task in the audit log. */
  readonly action: string;
  /** What is to be done, as the audit log keeps it: without secrets. */
  readonly intent: unknown;
  /** The effect in the other store. */
  readonly effect: (identity: Identity) => Promise<T>;
  /** What goes with the outcome, in the transaction of its entry. */
  readonly onSuccess?: (tx: OrgTransaction, result: T) => Promise<void>;
  readonly onFailure?: (tx: OrgTransaction, reason: string) => Promise<void>;
}

/**
 * Runs a task between two entries of the organization's audit log: what is intended, committed before anything is done,
 * and what came of it. An intent without outcome is a worker that was killed in between.
 * @throws what the effect throws, after it was recorded
 */
export async function auditedTask<T>(
  context: Pick<TelemetryJobContext, 'operational'>,
  task: AuditedTask<T>,
): Promise<T> {
  const identity = systemIdentity(task.orgId, task.part, randomUUID());
  const append = async (
    outcome: AuditEntry['outcome'],
    change: unknown,
    accompany: (tx: OrgTransaction) => Promise<void> = async () => {},
  ) =>
    withOrg(context.operational, identity, 'write', async (tx) => {
      await accompany(tx);
      await appendAudit(tx, { action: task.action, resource: organizationPath(task.orgId), outcome, change });
    });
  await append('INTENDED', task.intent);
  try {
    const result = await task.effect(identity);
    await append('SUCCEEDED', result, async (tx) => task.onSuccess?.(tx, result));
    return result;
  } catch (error) {
    const reason = failureReason(error);
    await append('FAILED', { reason }, async (tx) => task.onFailure?.(tx, reason));
    throw error;
  }
}
