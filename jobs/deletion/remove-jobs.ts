import { setTimeout as delay } from 'node:timers/promises';
import { BulkheadError } from '../../errors/bulkhead-error.js';
import { inDeletion, type RunStep } from './deletion.js';

/** Milliseconds between two looks whether jobs of the organization still run. */
const pollMs = 100;
/** Milliseconds for which they are waited for; after that the step is tried again later. */
const patienceMs = 30_000;

/**
 * Removes the jobs of the organization and waits for those that run, which fail as soon as they write.
 * @throws BulkheadError CONFLICT while one of them runs
 */
export const removeJobs: RunStep = async ({ operational, signal }, { orgId }) => {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const [row] = await inDeletion(
      operational,
      orgId,
      (tx) => tx.sql<{ running: number }[]>`select platform.delete_jobs() as running`,
    );
    if (row?.running === 0) return;
    if (performance.now() > deadline) throw new BulkheadError('CONFLICT', 'jobs of the organization still run');
    await delay(pollMs, undefined, { signal });
  }
};
