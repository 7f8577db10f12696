import type { LogFiles } from '../signals/log-files.js';
import type { RepositoryConfiguration } from './repository/open-repository.js';
import type { RotationPolicy } from './rotation/plan-rotation.js';
import type { BackupSchedule } from './schedule/backup-schedule.js';

/** What the backup process is given. */
export interface BackupConfiguration {
  /** Operational database as `bulkhead_backup`; the same role reads base backups. */
  readonly operationalUrl: string;
  /** Key that signs contexts, 32 bytes. */
  readonly contextKey: Buffer;
  readonly repository: RepositoryConfiguration;
  /** Directory into which PostgreSQL archives its WAL; undefined where the operator's own cluster archives by itself. */
  readonly spoolDirectory: string | undefined;
  readonly schedule: BackupSchedule;
  readonly policy: RotationPolicy;
  /** Kilobytes a second that a base backup reads at most. */
  readonly maxRateKb: number;
  readonly bulkheadVersion: string;
  /** Where its log is kept (default nowhere: lines go to standard output). */
  readonly logFiles?: LogFiles;
  /** Least level of log lines. */
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
}
