import type { JobContext } from './job-context.js';

/** Ids only: of the organization, set by the database, and of rows. Names of fields end in `Id`. */
export type JobPayload = Readonly<Record<string, string>> & { readonly orgId?: string };

/** What is particular to a run. */
export interface Run {
  /** Told when the worker is to end: stop at the next good place; what is left is done by the next run. */
  readonly signal: AbortSignal;
  /** The moment of the run, by the clock of the database, or as `bulkhead jobs run --now` has moved it. */
  readonly now: Date;
}

/** What a run of a worker works with. */
export interface TaskContext extends JobContext, Run {}

/** When a task is run by itself. */
export interface TaskSchedule {
  /** Minute, hour, day, month, weekday in UTC, as in cron. */
  readonly cron: string;
  /** Milliseconds after which every worker that starts has a run too; for what an upgrade or a pause makes urgent. */
  readonly afterStartMs?: number;
  /** Minutes that a worker looks back when it starts: a run that was due meanwhile and missed is made up (default 0). */
  readonly lookBackMinutes?: number;
}

/**
 * A kind of job. It may be interrupted anywhere and run again, so each step looks at what is there. Its row in
 * `platform.job_tasks`, made by a migration, says the same of all but the schedule, and also who may ask for it through
 * a gateway.
 */
export interface Task<Context = JobContext> {
  /** Camel case, at most 40 letters. */
  readonly name: string;
  /** DEPLOYMENT and ORGANIZATION: one run at a time, of the deployment or of each organization. ROW: any number. */
  readonly concerns: 'DEPLOYMENT' | 'ORGANIZATION' | 'ROW';
  /** Runs until it has failed for good, 1–25. Between them e^n seconds: 3 s, 7 s, 20 s, 55 s, 2.5 min, … at most 6 h. */
  readonly maxAttempts: number;
  readonly schedule?: TaskSchedule;
  /** Whether the clock of a run on demand may be moved: only where time itself would have done the same. */
  readonly isMovable?: true;
  readonly run: (payload: JobPayload, context: Context & Run) => Promise<void>;
}
