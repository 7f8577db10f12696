import type { OrgTransaction } from '../../db/with-org.js';
import { invalidInput } from '../../errors/bulkhead-error.js';
import type { PageRequest } from '../page.js';
import { requirePageSize } from '../read-page.js';

/** What came of a run. */
export type JobOutcome = 'SUCCEEDED' | 'FAILED' | 'INTERRUPTED';

/** One run of a job. */
export interface JobRun {
  readonly startedAt: Date;
  /** Null while it runs. */
  readonly endedAt: Date | null;
  readonly outcome: JobOutcome | null;
  /** Why it failed or was interrupted. */
  readonly reason: string | null;
  /** 1 for the first run of its job. */
  readonly attempt: number;
}

/** A task with its schedule and the state of its jobs. */
export interface Job {
  readonly name: string;
  readonly concerns: 'DEPLOYMENT' | 'ORGANIZATION' | 'ROW';
  /** Whether `bulkhead jobs run --now` may move its clock. */
  readonly isMovable: boolean;
  /** Minute, hour, day, month, weekday in UTC. */
  readonly schedule: string | null;
  readonly nextRunAt: Date | null;
  /** The newest run, of the last 30 days. */
  readonly lastRun: JobRun | null;
  readonly maxAttempts: number;
  readonly waiting: number;
  readonly running: number;
  readonly failed: number;
}

/** A job that has failed for good. */
export interface FailedJob {
  readonly id: string;
  readonly task: string;
  readonly ids: readonly { readonly name: string; readonly id: string }[];
  readonly attempts: number;
  readonly reason: string | null;
  readonly createdAt: Date;
  readonly failedAt: Date | null;
}

interface JobRow extends Omit<Job, 'nextRunAt' | 'lastRun'> {
  readonly nextRunAt: string | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly outcome: JobOutcome | null;
  readonly reason: string | null;
  readonly attempt: number | null;
}

/**
 * All tasks, by name; the transaction must be an operator's or the system's.
 * @throws BulkheadError FORBIDDEN for other actors
 */
export async function listJobs(tx: OrgTransaction): Promise<Job[]> {
  const rows = await tx.sql<JobRow[]>`
    select name, concerns, is_movable as "isMovable", schedule, next_run_at as "nextRunAt",
           last_started_at as "startedAt", last_ended_at as "endedAt", last_outcome as outcome, last_reason as reason,
           last_attempt as attempt, max_attempts as "maxAttempts",
           waiting::int, running::int, failed::int
    from platform.list_jobs()`;
  return rows.map(({ startedAt, endedAt, outcome, reason, attempt, ...row }) => ({
    ...row,
    nextRunAt: moment(row.nextRunAt),
    lastRun:
      startedAt === null
        ? null
        : { startedAt: new Date(startedAt), endedAt: moment(endedAt), outcome, reason, attempt: attempt ?? 1 },
  }));
}

/**
 * Jobs that have failed for good, newest first; the transaction must be an operator's or the system's.
 * @param request `after` is the id of a job after which the page starts
 * @throws BulkheadError BAD_USER_INPUT for `first` outside 1–100 or an `after` that is no id, FORBIDDEN for other actors
 */
export async function listFailedJobs(tx: OrgTransaction, { first, after }: PageRequest): Promise<FailedJob[]> {
  requirePageSize(first);
  if (after !== null && after !== undefined && !/^\d{1,18}$/.test(after)) {
    throw invalidInput('after', 'must be an id of a job');
  }
  const rows = await tx.sql<
    (Omit<FailedJob, 'ids' | 'createdAt' | 'failedAt'> & {
      payload: string;
      createdAt: string;
      failedAt: string | null;
    })[]
  >`select id::text, task, payload, attempts, reason, created_at as "createdAt", failed_at as "failedAt"
    from platform.list_failed_jobs(${after ?? null}::bigint, ${first})`;
  return rows.map(({ payload, ...row }) => ({
    ...row,
    ids: Object.entries(JSON.parse(payload) as Record<string, string>).map(([name, id]) => ({ name, id })),
    createdAt: new Date(row.createdAt),
    failedAt: moment(row.failedAt),
  }));
}

function moment(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
