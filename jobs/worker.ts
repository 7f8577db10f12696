import { pino } from 'pino';
import { closeDatabase, openDatabase, requireUnprivilegedRole } from '../db/database.js';
import type { JobContext } from './job-context.js';
import { PeriodicJob } from './periodic-job.js';
import { Provisioning } from './provisioning.js';
import { ProvisioningNotices } from './provisioning-notices.js';
import { runRetention } from './retention.js';
import { runRollups } from './rollups.js';
import type { WorkerConfiguration } from './worker-configuration.js';

/** A running worker. */
export interface Worker {
  /** Finishes the runs under way and closes all connections. */
  close(): Promise<void>;
}

/** The schedule: milliseconds between two runs. */
const provisioningEveryMs = 5_000;
const retentionEveryMs = 3_600_000;
const rollupsEveryMs = 600_000;

/**
 * Starts a worker: provisioning at every notice and every 5 s, rollups every 10 min, retention every hour, all at once at the
 * start. Any number of workers may run beside each other; each job is run by one of them at a time.
 * @throws Error when a role is privileged or a database not reachable
 */
export async function startWorker(configuration: WorkerConfiguration): Promise<Worker> {
  const { contextKey } = configuration;
  const log = pino({ level: configuration.logLevel, base: { process: 'worker' } });
  const pool = { contextKey, maxConnections: 3, applicationName: 'bulkhead worker' };
  const context: JobContext = {
    configuration,
    operational: openDatabase({ ...pool, url: configuration.operationalUrl }),
    vault: openDatabase({ ...pool, url: configuration.vaultUrl }),
    log,
  };
  const closePools = async () => {
    await Promise.all([closeDatabase(context.operational), closeDatabase(context.vault)]);
  };
  try {
    await requireUnprivilegedRole(context.operational);
    await requireUnprivilegedRole(context.vault);
  } catch (error) {
    await closePools();
    throw error;
  }

  const provisioning = new Provisioning(context);
  const notices = new ProvisioningNotices(context.operational, () => provisioningJob.wake());
  const provisioningJob: PeriodicJob = new PeriodicJob(
    {
      name: 'provisioning',
      everyMs: provisioningEveryMs,
      run: async (signal) => {
        try {
          await notices.ensure();
          await provisioning.run(signal);
        } catch (error) {
          await notices.renew();
          throw error;
        }
      },
    },
    log,
  );
  const retentionJob = new PeriodicJob(
    { name: 'retention', everyMs: retentionEveryMs, run: (signal) => runRetention(context, signal) },
    log,
  );
  const rollupsJob = new PeriodicJob(
    { name: 'rollups', everyMs: rollupsEveryMs, run: (signal) => runRollups(context, signal) },
    log,
  );
  log.info('the worker is ready');
  return {
    close: async () => {
      await Promise.all([provisioningJob.close(), retentionJob.close(), rollupsJob.close()]);
      await closePools();
    },
  };
}
