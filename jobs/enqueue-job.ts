import type { OrgTransaction } from '../db/with-org.js';
import type { JobPayload } from './task.js';

/** When and how often a job is run. */
export interface JobOptions {
  /** Not before this moment (default: at once). */
  readonly runAt?: Date;
  /** Of jobs with the same task, organization and key only the last that waits is kept; letters, digits, `_`, `-`, 1–64. */
  readonly jobKey?: string;
  /** Runs until it has failed for good, 1–25 (default: that of the task). */
  readonly maxAttempts?: number;
}

/**
 * Asks for a job in the transaction of the change that needs it: both are there, or neither. It is run within a second
 * after the commit. The organization is that of the transaction, whatever the payload says.
 * @param task name of a task in `jobs/tasks.ts`; a gateway may ask for those that `platform.job_tasks` lists for its actor
 * @param payload ids only, in fields whose names end in `Id`: the database refuses anything else
 * @returns id of the job
 * @throws BulkheadError FORBIDDEN for a task that is not for this actor, or in a transaction that only reads
 */
export async function enqueueJob(
  tx: OrgTransaction,
  task: string,
  payload: JobPayload = {},
  { runAt, jobKey, maxAttempts }: JobOptions = {},
): Promise<string> {
  const [row] = await tx.sql<{ id: string }[]>`
    select platform.enqueue_job(${task}, ${JSON.stringify(payload)}, ${runAt?.toISOString() ?? null}::timestamptz,
                                ${jobKey ?? null}, ${maxAttempts ?? null}::integer)::text as id`;
  if (row === undefined) throw new Error('a job was not enqueued');
  return row.id;
}
