import type postgres from 'postgres';
import { databaseErrorCode } from './database-error-code.js';

/** What `removeExpired` removed. */
export interface RemovedReadings {
  /** Weeks dropped as a whole; their readings are not counted. */
  readonly partitionsDropped: number;
  /** Readings deleted one by one, from the week in which the cut-off lies. */
  readonly readingsDeleted: number;
  readonly latestDeleted: number;
}

/** Nothing younger can be removed by this function, whatever it is told. */
const youngestCutoff = '1 day';

/** Dropping a week needs the whole table for a moment; meanwhile nobody waits for longer than this. */
const dropLockTimeout = '500ms';

/** Attempts to drop a week while readers and writers hold the table; the next run of the job goes on. */
const dropAttempts = 10;

/**
 * Removes what has expired from one telemetry database. Reads are cut at the cut-off anyway, so this frees space and
 * keeps the promise of deletion; it can be interrupted and run again at any time.
 * @param owner a connection to the telemetry database as its owner
 * @param cutoffMs epoch ms: readings before it are removed
 * @throws Error for a cut-off later than now − 1 day by the clock of the database; error of the driver (55P03) if a week
 *   could not be dropped for being in use
 */
export async function removeExpired(owner: postgres.Sql, cutoffMs: number): Promise<RemovedReadings> {
  const cutoff = new Date(cutoffMs);
  const [clock] = await owner<{ isTooYoung: boolean }[]>`
    select ${cutoff}::timestamptz > now() - ${youngestCutoff}::interval as "isTooYoung"`;
  if (clock?.isTooYoung !== false) throw new Error('retention never removes readings of the last day');

  const expired = await owner<{ name: string }[]>`
    select c.relname as name
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'telemetry.readings'::regclass
      and (to_date(right(c.relname, 8), 'YYYYMMDD') + 7)::timestamp at time zone 'UTC' <= ${cutoff}
    order by 1`;
  for (const { name } of expired) await dropPartition(owner, name);
  const readings = await owner`delete from telemetry.readings where at < ${cutoff}`;
  const latest = await owner`delete from telemetry.latest where at < ${cutoff}`;
  return { partitionsDropped: expired.length, readingsDeleted: readings.count, latestDeleted: latest.count };
}

async function dropPartition(owner: postgres.Sql, name: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await owner.begin(async (tx) => {
        await tx`select set_config('lock_timeout', ${dropLockTimeout}, true)`;
        await tx`drop table if exists ${tx(`telemetry.${name}`)}`;
      });
      return;
    } catch (error) {
      if (databaseErrorCode(error) !== '55P03' || attempt === dropAttempts) throw error;
    }
  }
}
