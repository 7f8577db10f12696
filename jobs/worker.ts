import { pino } from 'pino';
import { closeDatabase, openDatabase, requireUnprivilegedRole } from '../db/database.js';
import type { JobContext } from './job-context.js';
import { JobRunner } from './job-runner.js';
import type { Task } from './task.js';
import { tasks } from './tasks.js';
import type { WorkerConfiguration } from './worker-configuration.js';

/** A running worker. */
export interface Worker {
  /** Finishes the runs under way and closes all connections. */
  close(): Promise<void>;
}

/**
 * Starts a worker, which runs the jobs of the queue. Any number may run beside each other.
 * @param registry the tasks it knows; jobs of others are left to other workers
 * @throws Error when a role is privileged, a database not reachable, or the schema of the queue not up to date
 */
export async function startWorker(
  configuration: WorkerConfiguration,
  registry: readonly Task[] = tasks,
): Promise<Worker> {
  const { contextKey } = configuration;
  const log = pino({ level: configuration.logLevel, base: { process: 'worker' } });
  const pool = { contextKey, maxConnections: 4, applicationName: 'bulkhead worker' };
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
    const runner = await JobRunner.start(context, registry);
    log.info('the worker is ready');
    return {
      close: async () => {
        await runner.close();
        await closePools();
      },
    };
  } catch (error) {
    await closePools();
    throw error;
  }
}
