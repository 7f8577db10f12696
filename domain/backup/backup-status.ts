import type { OrgTransaction } from '../../db/with-org.js';

/** How fresh backups are, as the backup process has told the database. Moments in UTC, by the clock of the database. */
export interface BackupStatus {
  /** The last heartbeat. */
  readonly beatAt: Date;
  /** Where backups are kept; null before anything was stored. */
  readonly place: string | null;
  readonly wal: {
    /** Newest WAL file in the repository, and when it was stored. */
    readonly last: string | null;
    readonly lastAt: Date | null;
    /** WAL that waits to be stored. */
    readonly waitingFiles: number;
    readonly waitingBytes: number;
    readonly waitingSince: Date | null;
    /** Stored since the deployment exists. */
    readonly storedFiles: number;
    readonly storedBytes: number;
    readonly failures: number;
    readonly lastFailure: string | null;
    readonly lastFailedAt: Date | null;
  };
  /** The moments that can be restored: from what the last rotation found, to the newest heartbeat that is stored. */
  readonly restorable: { readonly from: Date | null; readonly until: Date | null };
  /** The newest complete base backup. */
  readonly base: {
    readonly id: string;
    readonly startedAt: Date;
    readonly endedAt: Date;
    readonly bytes: number;
    readonly storedBytes: number;
  } | null;
  /** The last base backup that failed. */
  readonly baseFailure: { readonly at: Date; readonly reason: string } | null;
  /** The base backup that is being taken; the total is an estimate. */
  readonly running: {
    readonly id: string;
    readonly since: Date;
    readonly totalBytes: number | null;
    readonly bytes: number;
    readonly storedBytes: number;
  } | null;
  /** The last drill, and the last one that passed. */
  readonly drill: { readonly at: Date; readonly isPassed: boolean; readonly passedAt: Date | null } | null;
}

type Row = Readonly<Record<string, string | number | boolean | null>>;

/**
 * How fresh backups are; the transaction must be an operator's or the system's.
 * @throws BulkheadError FORBIDDEN for other actors
 */
export async function getBackupStatus(tx: OrgTransaction): Promise<BackupStatus> {
  const [row] = await tx.sql<Row[]>`select * from platform.backup_status()`;
  if (row === undefined) throw new Error('there is no state of backups');
  return {
    beatAt: moment(row, 'beat_at') ?? new Date(0),
    place: text(row, 'place'),
    wal: {
      last: text(row, 'last_wal'),
      lastAt: moment(row, 'last_wal_at'),
      waitingFiles: count(row, 'spooled_files'),
      waitingBytes: count(row, 'spooled_bytes'),
      waitingSince: moment(row, 'oldest_spooled_at'),
      storedFiles: count(row, 'shipped_files'),
      storedBytes: count(row, 'shipped_bytes'),
      failures: count(row, 'failures'),
      lastFailure: text(row, 'last_failure'),
      lastFailedAt: moment(row, 'last_failed_at'),
    },
    restorable: { from: moment(row, 'restorable_from'), until: moment(row, 'restorable_until') },
    base: baseOf(row),
    baseFailure: baseFailureOf(row),
    running: runningOf(row),
    drill: drillOf(row),
  };
}

function baseOf(row: Row): BackupStatus['base'] {
  const [id, startedAt, endedAt] = [text(row, 'base_id'), moment(row, 'base_started_at'), moment(row, 'base_ended_at')];
  if (id === null || startedAt === null || endedAt === null) return null;
  return { id, startedAt, endedAt, bytes: count(row, 'base_bytes'), storedBytes: count(row, 'base_stored_bytes') };
}

function baseFailureOf(row: Row): BackupStatus['baseFailure'] {
  const at = moment(row, 'base_failed_at');
  return at === null ? null : { at, reason: text(row, 'base_failure') ?? 'unknown' };
}

function runningOf(row: Row): BackupStatus['running'] {
  const [id, since] = [text(row, 'running_id'), moment(row, 'running_since')];
  if (id === null || since === null) return null;
  const totalBytes = row['running_total'] === null ? null : count(row, 'running_total');
  return { id, since, totalBytes, bytes: count(row, 'running_read'), storedBytes: count(row, 'running_stored') };
}

function drillOf(row: Row): BackupStatus['drill'] {
  const at = moment(row, 'drill_at');
  return at === null
    ? null
    : { at, isPassed: row['drill_is_passed'] === true, passedAt: moment(row, 'drill_passed_at') };
}

function text(row: Row, column: string): string | null {
  const value = row[column] ?? null;
  return value === null ? null : String(value);
}

function count(row: Row, column: string): number {
  return Number(row[column] ?? 0);
}

function moment(row: Row, column: string): Date | null {
  const value = text(row, column);
  return value === null ? null : new Date(value);
}
