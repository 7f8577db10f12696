import type { OrgTransaction } from '../db/with-org.js';
import type { ExportProgress } from './archive.js';
import type { WrittenArchive } from './write-archive.js';

/** Attempts to make one archive at most. */
const maxAttempts = 5;

/** An attempt to make an archive. A later one takes its place: what an earlier one still notes has no effect. */
export interface ExportAttempt {
  readonly exportId: string;
  readonly attempt: number;
  /** To whom the archive is encrypted. */
  readonly recipient: string;
}

/** Begins an attempt; undefined when the export is not to be made any more. */
export async function beginAttempt(tx: OrgTransaction, exportId: string): Promise<ExportAttempt | undefined> {
  const [row] = await tx.sql<{ attempt: number; recipient: string }[]>`
    update app.exports
    set state = case when attempts >= ${maxAttempts} then 'FAILED' else 'RUNNING' end,
        ended_at = case when attempts >= ${maxAttempts} then clock_timestamp() end,
        attempts = attempts + 1, tables_done = 0, tables_total = 0, rows_written = 0, bytes_written = 0
    where org_id = ${tx.orgId} and id = ${exportId} and state in ('REQUESTED', 'RUNNING')
    returning attempts as attempt, recipient`;
  if (row === undefined || row.attempt > maxAttempts) return undefined;
  return { exportId, ...row };
}

/** Notes progress; false when the attempt is no longer wanted: cancelled, or another one has begun. */
export async function noteProgress(
  tx: OrgTransaction,
  { exportId, attempt }: ExportAttempt,
  progress: ExportProgress,
): Promise<boolean> {
  const rows = await tx.sql`
    update app.exports
    set tables_done = ${progress.tablesDone}, tables_total = ${progress.tablesTotal},
        rows_written = ${progress.rowsWritten}, bytes_written = ${progress.bytesWritten}
    where org_id = ${tx.orgId} and id = ${exportId} and attempts = ${attempt} and state = 'RUNNING'
    returning id`;
  return rows.length > 0;
}

/** Notes that the archive is there, and from now on can be fetched; false when it is no longer wanted. */
export async function noteReady(
  tx: OrgTransaction,
  { exportId, attempt }: ExportAttempt,
  { bytes, sha256, progress }: WrittenArchive,
): Promise<boolean> {
  const rows = await tx.sql`
    update app.exports
    set state = 'READY', failure = null, archive_bytes = ${bytes}, archive_sha256 = ${sha256},
        tables_done = ${progress.tablesDone}, tables_total = ${progress.tablesTotal},
        rows_written = ${progress.rowsWritten}, bytes_written = ${progress.bytesWritten},
        ready_at = clock_timestamp(), expires_at = clock_timestamp() + make_interval(hours => life_hours)
    where org_id = ${tx.orgId} and id = ${exportId} and attempts = ${attempt} and state = 'RUNNING'
    returning id`;
  return rows.length > 0;
}

/** Notes why an attempt failed; after the last one the export has. */
export async function noteFailure(
  tx: OrgTransaction,
  { exportId, attempt }: ExportAttempt,
  reason: string,
): Promise<void> {
  await tx.sql`
    update app.exports
    set failure = ${reason.slice(0, 500)},
        state = case when attempts >= ${maxAttempts} then 'FAILED' else state end,
        ended_at = case when attempts >= ${maxAttempts} then clock_timestamp() end
    where org_id = ${tx.orgId} and id = ${exportId} and attempts = ${attempt} and state = 'RUNNING'`;
}

/** Ends what can no longer be fetched at a moment; ids of the exports whose archive expired. */
export async function expireExports(tx: OrgTransaction, at: Date): Promise<string[]> {
  const rows = await tx.sql<{ id: string }[]>`
    update app.exports set state = 'EXPIRED', ended_at = clock_timestamp(), download_id = null, claimed_until = null
    where org_id = ${tx.orgId} and state = 'READY' and expires_at <= ${at.toISOString()}::timestamptz
    returning id`;
  return rows.map(({ id }) => id);
}

/** Ids of the exports whose file is to stay: under way, or to be fetched. */
export async function keptExports(tx: OrgTransaction): Promise<Set<string>> {
  const rows = await tx.sql<{ id: string }[]>`
    select id from app.exports where org_id = ${tx.orgId} and state in ('REQUESTED', 'RUNNING', 'READY')`;
  return new Set(rows.map(({ id }) => id));
}
