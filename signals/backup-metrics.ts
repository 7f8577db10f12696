import type { OrgTransaction } from '../db/with-org.js';
import { type BackupStatus, getBackupStatus } from '../domain/backup/backup-status.js';
import type { MetricName } from './metric-definitions.js';

/**
 * How fresh backups are, by names of metrics; what does not apply yet is null.
 * @param nowSeconds the clock of the database, in seconds since 1970
 * @param sinceStart seconds since the supervisor started: as long as that there may be no base backup yet
 */
export async function backupMetrics(
  tx: OrgTransaction,
  nowSeconds: number,
  sinceStart: number,
): Promise<Partial<Record<MetricName, number | null>>> {
  const status = await getBackupStatus(tx);
  const { wal, base, restorable, drill } = status;
  const age = (moment: Date | null) => (moment === null ? null : Math.max(0, nowSeconds - moment.getTime() / 1000));
  return {
    bulkhead_backup_wal_age_seconds: age(wal.lastAt),
    bulkhead_backup_wal_waiting_files: wal.waitingFiles,
    bulkhead_backup_wal_waiting_bytes: wal.waitingBytes,
    bulkhead_backup_wal_waiting_seconds: age(wal.waitingSince) ?? 0,
    bulkhead_backup_wal_failures: wal.failures,
    bulkhead_backup_base_age_seconds: age(base?.endedAt ?? null) ?? sinceStart,
    bulkhead_backup_base_stored_bytes: base?.storedBytes ?? null,
    bulkhead_backup_window_seconds: windowOf(restorable),
    bulkhead_backup_window_age_seconds: age(restorable.until),
    bulkhead_drill_age_seconds: age(drill?.passedAt ?? null),
  };
}

function windowOf({ from, until }: BackupStatus['restorable']): number | null {
  return from === null || until === null ? null : Math.max(0, (until.getTime() - from.getTime()) / 1000);
}
