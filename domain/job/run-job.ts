import { setTimeout as delay } from 'node:timers/promises';
import { appendAudit } from '../../audit/append-audit.js';
import type { Identity } from '../../auth/identity.js';
import { organizationPath } from '../../auth/scopes/resource-path.js';
import type { Database } from '../../db/database.js';
import { withOrg } from '../../db/with-org.js';
import type { JobRun } from './jobs.js';

/** Milliseconds between two looks at a job that is waited for. */
const lookEveryMs = 200;

/** A job that was asked for, as far as it has come. */
export interface JobState {
  readonly state: 'WAITING' | 'RUNNING' | 'ENDED';
  readonly run: Omit<JobRun, 'attempt'> | null;
}

/**
 * Asks for one run of a task, tried once, with an entry in the audit log of the organization or deployment.
 * @param identity the system's, of the organization or, for tasks of the deployment, of that
 * @param now moment that the run is to take for the present; only for tasks whose clock may be moved
 * @returns id of the job
 * @throws BulkheadError FORBIDDEN for a task that is not there, needs a row, concerns the other, or is not movable
 */
export function requestJob(database: Database, identity: Identity, task: string, now?: Date): Promise<string> {
  return withOrg(database, identity, 'write', async (tx) => {
    const [row] = await tx.sql<{ id: string }[]>`
      select platform.request_job(${task}, ${now?.toISOString() ?? null}::timestamptz)::text as id`;
    if (row === undefined) throw new Error('a job was not enqueued');
    await appendAudit(tx, {
      action: 'runJob',
      resource: organizationPath(tx.orgId),
      outcome: 'SUCCEEDED',
      change: { input: { task, ...(now === undefined ? {} : { now: now.toISOString() }) } },
    });
    return row.id;
  });
}

/**
 * Waits until a job that was asked for by `requestJob` has ended.
 * @param onLook told of its state at every look
 * @returns the last state, which is not ENDED when the time was over before
 */
export async function awaitJob(
  database: Database,
  identity: Identity,
  jobId: string,
  timeoutMs: number,
  onLook: (state: JobState['state']) => void = () => {},
): Promise<JobState> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const state = await jobState(database, identity, jobId);
    onLook(state.state);
    if (state.state === 'ENDED' || Date.now() > deadline) return state;
    await delay(lookEveryMs);
  }
}

type StateRow = { state: JobState['state']; outcome: JobRun['outcome']; reason: string | null } & Record<
  'startedAt' | 'endedAt',
  string | null
>;

async function jobState(database: Database, identity: Identity, jobId: string): Promise<JobState> {
  const [row] = await withOrg(
    database,
    identity,
    'read',
    (tx) => tx.sql<StateRow[]>`
      select state, outcome, reason, started_at as "startedAt", ended_at as "endedAt"
      from platform.job_state(${jobId}::bigint)`,
  );
  // Nothing is known of a job whose organization has gone meanwhile.
  if (row === undefined || row.startedAt === null) return { state: row?.state ?? 'ENDED', run: null };
  const { outcome, reason } = row;
  const run = { startedAt: new Date(row.startedAt), endedAt: row.endedAt === null ? null : new Date(row.endedAt) };
  // Tried once, it has come to its end with the outcome of that run.
  return { state: outcome === null ? row.state : 'ENDED', run: { ...run, outcome, reason } };
}
