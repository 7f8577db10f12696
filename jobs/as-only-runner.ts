import { BulkheadError } from '../errors/bulkhead-error.js';
import { connectAsProvisioner } from '../telemetry/with-provisioner.js';

/**
 * Runs a job unless another worker of the deployment is running it. The lock lives in a connection of its own and ends
 * with it, so a worker that was killed blocks nobody.
 * @param provisionerUrl address whose database all workers share: an advisory lock reaches no further than one
 * @param work is told how to ask whether the connection, and with it the lock, is still there
 * @returns false when another worker is at it
 */
export async function asOnlyRunner(
  provisionerUrl: string,
  job: string,
  work: (isStillHeld: () => Promise<boolean>) => Promise<void>,
): Promise<boolean> {
  const sql = connectAsProvisioner(provisionerUrl);
  try {
    const [lock] = await sql<{ isHeld: boolean; pid: number }[]>`
      select pg_try_advisory_lock(hashtextextended(${`bulkhead:job:${job}`}, 0)) as "isHeld", pg_backend_pid() as pid`;
    if (lock?.isHeld !== true) return false;
    await work(async () => {
      const [now] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
      return now?.pid === lock.pid;
    });
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
