import { pino } from 'pino';
import { closeDatabase, openDatabase } from '../db/database.js';
import { failureReason } from '../jobs/failure-reason.js';
import { JobRunner } from '../jobs/job-runner.js';
import { PeriodicJob } from '../jobs/periodic-job.js';
import type { Task } from '../jobs/task.js';
import { logFiles } from '../signals/log-files.js';
import { ProcessMetrics } from '../signals/process-metrics.js';
import { reportProcess } from '../signals/report-process.js';
import type { KeyVersions } from '../vault/held-keys.js';
import type { BackupConfiguration } from './backup-configuration.js';
import { askServer, type BackupContext } from './backup-context.js';
import { lowerPriority } from './lower-priority.js';
import { openRepository } from './repository/open-repository.js';
import { scheduleAtStart } from './schedule/schedule-base-backup.js';
import { baseBackup } from './tasks/base-backup.js';
import { rotateBackups } from './tasks/rotate-backups.js';
import { Heartbeat } from './wal/heartbeat.js';
import { WalShipping } from './wal/wal-shipping.js';

/** What keeps backups, by name. */
export const backupTasks: readonly Task<BackupContext>[] = [baseBackup, rotateBackups];

/** A task of the backup process that is at home elsewhere. */
export interface FurtherTask {
  readonly task: Task<BackupContext>;
  /** Asks for its next run. */
  readonly scheduleAtStart: (context: BackupContext) => Promise<void>;
}

const heartbeatMs = 60_000;
const shippingMs = 1_000;
/** Niceness: requests go first. */
const niceness = 10;

/** A running backup process. */
export interface BackupService {
  /** Takes on backup keys that were rotated: what is stored next is sealed with the current one. */
  takeKeys(keys: { readonly backup?: KeyVersions }): void;
  /** Stops at the next good place and closes all connections. */
  close(): Promise<void>;
}

/**
 * Starts what keeps backups: the heartbeat, the shipping of WAL, and the jobs of backups, one at a time.
 * @throws Error when the database cannot be reached
 */
export async function startBackupService(
  configuration: BackupConfiguration,
  further: readonly FurtherTask[] = [],
): Promise<BackupService> {
  lowerPriority(niceness);
  const { logFiles: files } = configuration;
  const destination = files === undefined ? undefined : logFiles('backup', files);
  const log = pino({ level: configuration.logLevel, base: { process: 'backup' } }, destination);
  const { operationalUrl: url, contextKey, spoolDirectory } = configuration;
  const operational = openDatabase({ url, contextKey, maxConnections: 3, applicationName: 'bulkhead backup' });
  const context: BackupContext = {
    configuration,
    operational,
    repository: openRepository(configuration.repository),
    log,
    metrics: new ProcessMetrics('backup'),
  };
  const jobs: PeriodicJob[] = [];
  try {
    const { walFileBytes } = await askServer(context);
    context.metrics.measureProcess();
    const { repository, metrics } = context;
    const evidence = () => ({ keys: { backup: repository.keys.ids } });
    const report = reportProcess({ database: operational, metrics, log, evidence });
    jobs.push(report);
    const heartbeat = new Heartbeat(context, walFileBytes);
    jobs.push(new PeriodicJob({ name: 'heartbeat', everyMs: heartbeatMs, run: () => heartbeat.run() }, log));
    if (spoolDirectory !== undefined) {
      const shipping = new WalShipping(context, spoolDirectory, heartbeat);
      jobs.push(new PeriodicJob({ name: 'shipping', everyMs: shippingMs, run: (signal) => shipping.run(signal) }, log));
    }
    const runner = await JobRunner.start(context, [...backupTasks, ...further.map(({ task }) => task)], 1);
    for (const ask of [scheduleAtStart, ...further.map((each) => each.scheduleAtStart)]) {
      await ask(context).catch((error) => {
        log.error({ reason: failureReason(error) }, 'the next run of a job of backups could not be asked for');
      });
    }
    log.info('the backup process is ready');
    return {
      takeKeys: ({ backup }) => {
        if (backup === undefined) return;
        repository.keys.replace(backup);
        report.wake();
      },
      close: async () => {
        await Promise.all([runner.close(), ...jobs.map((job) => job.close())]);
        await closeDatabase(operational);
      },
    };
  } catch (error) {
    await Promise.all(jobs.map((job) => job.close()));
    await closeDatabase(operational);
    throw error;
  }
}
