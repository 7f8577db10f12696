import { randomUUID } from 'node:crypto';
import { deploymentOrgId, type Identity, systemIdentity } from '../auth/identity.js';
import type { Database } from '../db/database.js';
import { withOrg } from '../db/with-org.js';
import { awaitJob, type JobState, requestJob } from '../domain/job/run-job.js';
import { notedProcesses } from '../signals/noted-processes.js';

/** Seconds after which a process that has noted nothing is taken for gone; it notes every 15 s. */
const silentSeconds = 60;
/** Milliseconds between two looks whether the backup process is still there. */
const lookMs = 10_000;

/** What the backup process is to do, and how long that may take. */
export interface BackupJob {
  readonly task: 'baseBackup' | 'drill';
  readonly timeoutMs: number;
  /** Called every `progressMs` while it goes on. */
  readonly onProgress: (identity: Identity) => void;
  readonly progressMs: number;
}

/**
 * Asks the backup process for a job and waits for its end.
 * @returns the last state, and who has asked
 * @throws Error that says what to do, when no backup process runs, and when it ends without having done the job
 */
export async function awaitBackupJob(
  operational: Database,
  { task, timeoutMs, onProgress, progressMs }: BackupJob,
): Promise<{ state: JobState; identity: Identity }> {
  const part = task === 'baseBackup' ? 'backup now' : 'backup drill';
  const identity = systemIdentity(deploymentOrgId, part, randomUUID());
  if (!(await isHeardOf(operational, identity))) {
    throw new Error(
      'No backup process runs, so that nothing was asked for. Start Bulkhead with "npm start" (for a PostgreSQL of your ' +
        'own with BACKUP_OWN_CLUSTER=yes), then give this command again.',
    );
  }
  const jobId = await requestJob(operational, identity, task);
  const progress = setInterval(() => onProgress(identity), progressMs);
  let isGone = false;
  const looks = setInterval(() => {
    // A look that fails says nothing: the wait itself ends when the database does.
    void isHeardOf(operational, identity).then(
      (isThere) => {
        isGone = !isThere;
      },
      () => {},
    );
  }, lookMs);
  try {
    const state = await awaitJob(operational, identity, jobId, timeoutMs, (now) => {
      if (!isGone || now === 'ENDED') return;
      throw new Error(
        `Nothing was heard of the backup process for ${silentSeconds} s: start Bulkhead with "npm start". ` +
          'What was asked for waits, and is done then.',
      );
    });
    return { state, identity };
  } finally {
    clearInterval(progress);
    clearInterval(looks);
  }
}

async function isHeardOf(operational: Database, identity: Identity): Promise<boolean> {
  const processes = await withOrg(operational, identity, 'read', notedProcesses);
  return processes.some(({ kind, seenSeconds }) => kind === 'backup' && seenSeconds < silentSeconds);
}
