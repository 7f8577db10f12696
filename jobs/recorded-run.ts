import { deploymentOrgId, systemIdentity } from '../auth/identity.js';
import { type OrgTransaction, withOrg } from '../db/with-org.js';
import { traced } from '../tracing/traced.js';
import { failureReason } from './failure-reason.js';
import type { QueueContext } from './queue-context.js';
import type { JobPayload, Task } from './task.js';

/** A job that a worker has taken, as the library hands it over. */
export interface TakenJob {
  readonly id: string;
  readonly attempts: number;
  readonly payload: unknown;
}

/**
 * One run of a job, with its entry in `platform.job_runs`: begun before, and what came of it after.
 * @throws Error with the reason only, which the library keeps beside the job: messages of drivers can quote values
 */
export function recordedRun<Context extends QueueContext>(
  task: Task<Context>,
  job: TakenJob,
  context: Context,
  signal: AbortSignal,
): Promise<void> {
  return traced('job', { task: task.name, attempt: job.attempts }, () => runOnce(task, job, context, signal));
}

async function runOnce<Context extends QueueContext>(
  task: Task<Context>,
  job: TakenJob,
  context: Context,
  signal: AbortSignal,
): Promise<void> {
  const log = context.log.child({ job: task.name, jobId: job.id });
  try {
    const payload = job.payload as JobPayload;
    const inTransaction = inTransactionOf(context, payload.orgId ?? deploymentOrgId, `job-${job.id}-${job.attempts}`);
    const now = await inTransaction((tx) => begin(tx, job.id));
    const beganMs = performance.now();
    const end = (outcome: string, reason: string | null) => {
      const seconds = (performance.now() - beganMs) / 1000;
      context.metrics.observe('bulkhead_job_seconds', { task: task.name, outcome }, seconds);
      return inTransaction(async (tx) => {
        await tx.sql`select platform.end_job_run(${job.id}::bigint, ${job.attempts}::integer, ${outcome}, ${reason})`;
      });
    };
    try {
      signal.throwIfAborted();
      await task.run(payload, { ...context, log, signal, now });
    } catch (error) {
      if (signal.aborted) await end('INTERRUPTED', 'its worker was stopped');
      else await end('FAILED', failureReason(error));
      throw error;
    }
    await end('SUCCEEDED', null);
  } catch (error) {
    if (signal.aborted) throw new Error('its worker was stopped');
    const reason = failureReason(error);
    log.error({ reason, attempt: job.attempts }, 'a job failed');
    throw new Error(reason);
  }
}

function inTransactionOf(context: QueueContext, orgId: string, requestId: string) {
  return <T>(work: (tx: OrgTransaction) => Promise<T>) =>
    withOrg(context.operational, systemIdentity(orgId, 'jobs', requestId), 'write', work);
}

async function begin(tx: OrgTransaction, jobId: string): Promise<Date> {
  const [row] = await tx.sql<{ now: string | Date }[]>`select platform.begin_job_run(${jobId}::bigint) as now`;
  if (row === undefined) throw new Error('a run was not begun');
  return new Date(row.now);
}
