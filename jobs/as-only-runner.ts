import { BulkheadError } from '../errors/bulkhead-error.js';
import { connectAsProvisioner } from '../telemetry/with-provisioner.js';

/**
 * Runs a job unless another worker of the deployment is running it. The lock lives in a connection of its own and ends
 * with it, so a worker that was killed blocks nobody.
 * @param provisionerUrl address whose database all workers share: an advisory lock reaches no further than one
 * @returns false when another worker is at it
 */
export async function asOnlyRunner(provisionerUrl: string, job: string, work: () => Promise<void>): Promise<boolean> {
  const sql = connectAsProvisioner(provisionerUrl);
  try {
    const [lock] = await sql<{ isHeld: boolean }[]>`
      select pg_try_advisory_lock(hashtextextended(${`bulkhead:job:${job}`}, 0)) as "isHeld"`;
    if (lock?.isHeld !== true) return false;
    await work();
    return true;
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/**
 * The same for a job that is to be tried again then: a worker that was given up for dead may still be at it.
 * @throws BulkheadError CONFLICT when another worker is at it
 */
export async function asOnlyRunnerOrLater(
  provisionerUrl: string,
  job: string,
  work: () => Promise<void>,
): Promise<void> {
  if (await asOnlyRunner(provisionerUrl, job, work)) return;
  throw new BulkheadError('CONFLICT', 'another worker is still at it');
}
