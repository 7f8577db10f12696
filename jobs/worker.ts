import { pino } from 'pino';
import { SharedBuckets } from '../auth/rate-limits/shared-buckets.js';
import { requireUnprivilegedRole } from '../db/database.js';
import { publicOnly } from '../integrations/egress/egress-policy.js';
import { logFiles } from '../signals/log-files.js';
import { measurePools } from '../signals/measure-pools.js';
import { reportProcess } from '../signals/report-process.js';
import { startTracing } from '../tracing/start-tracing.js';
import type { KeyVersions } from '../vault/held-keys.js';
import { failureReason } from './failure-reason.js';
import { deliver } from './integrations/deliver.js';
import { IntegrationWork } from './integrations/integration-work.js';
import { verifyPost } from './integrations/verify-post.js';
import { JobRunner } from './job-runner.js';
import { LedgerKeeping } from './ledger/ledger-keeping.js';
import { closeJobContext, openJobContext } from './open-job-context.js';
import { Sealing } from './sealing.js';
import type { Task } from './task.js';
import { askForRewrapping } from './tasks/rewrap-keys.js';
import { tasks } from './tasks.js';
import type { WorkerConfiguration } from './worker-configuration.js';

/** Jobs that one worker runs at once. */
const slots = 4;

/** A running worker. */
export interface Worker {
  /** Takes on root keys that were rotated, and wraps with the current one what others have wrapped. */
  takeKeys(keys: { readonly root?: KeyVersions }): void;
  /** Finishes the runs under way and closes all connections. */
  close(): Promise<void>;
}

/**
 * Starts a worker, which runs the jobs of the queue, seals the audit log, keeps the ledger, and does what is due for integrations. Any
 * number may run beside each other.
 * @param registry the tasks it knows; jobs of others are left to other workers
 * @throws Error when a role is privileged, a database not reachable, or the schema of the queue not up to date
 */
export async function startWorker(
  configuration: WorkerConfiguration,
  registry: readonly Task[] = tasks,
): Promise<Worker> {
  const { logFiles: files } = configuration;
  const destination = files === undefined ? undefined : logFiles('worker', files);
  const log = pino({ level: configuration.logLevel, base: { process: 'worker' } }, destination);
  const stopTracing = await startTracing('worker', configuration.tracing);
  const { redisUrl, deployment } = configuration;
  const sharedBuckets = redisUrl === undefined ? undefined : await SharedBuckets.open(redisUrl, deployment, log);
  const context = {
    ...openJobContext(configuration, log),
    ...(sharedBuckets === undefined ? {} : { sharedBuckets }),
  };
  try {
    await requireUnprivilegedRole(context.operational);
    await requireUnprivilegedRole(context.vault);
    const runner = await JobRunner.start(context, registry, slots);
    const integrations = new IntegrationWork(context.operational, log, {
      POST: (identity, item) => verifyPost(context, identity, item),
      DELIVERY: (identity, item, signal) => deliver(context, identity, item, signal),
    });
    const { networks } = configuration.egress ?? publicOnly;
    if (networks.length > 0) {
      log.warn({ networks }, 'EGRESS_NETWORKS lets deliveries go to networks that are not public');
    }
    const sealing = new Sealing(context);
    const ledger = new LedgerKeeping(context);
    const { operational: database, vault, metrics } = context;
    metrics.measureProcess();
    measurePools(metrics, { operational: database, vault });
    const report = reportProcess({
      database,
      metrics,
      log,
      evidence: () => ({ keys: { root: context.rootKeys.ids } }),
    });
    log.info('the worker is ready');
    return {
      takeKeys: ({ root }) => {
        if (root === undefined) return;
        context.rootKeys.replace(root);
        report.wake();
        askForRewrapping(database).catch((error) =>
          log.error({ reason: failureReason(error) }, 'key pairs are wrapped anew within the hour only'),
        );
      },
      close: async () => {
        await Promise.all([runner.close(), integrations.close(), ledger.close(), report.close()]);
        await sealing.close();
        await closeJobContext(context);
        await stopTracing();
      },
    };
  } catch (error) {
    await closeJobContext(context);
    throw error;
  }
}
