import type postgres from 'postgres';
import { databaseErrorCode } from './database-error-code.js';
import { weekMs, weekPartitions } from './week-partitions.js';

/** What `removeExpired` removed. */
export interface RemovedReadings {
  /** Weeks dropped as a whole. */
  readonly partitionsDropped: number;
  /** Readings that went with them. */
  readonly readingsDropped: number;
  /** Readings deleted one by one, from the week in which the cut-off lies. */
  readonly readingsDeleted: number;
  readonly latestDeleted: number;
  /** Rows of hours, days and minutes. */
  readonly rollupsDeleted: number;
}

/** Retentions that there are, in days: any other is a fault of whoever asks. */
const retentionBounds = { min: 1, max: 3650 };

/** How far the clock of the database may be behind the one that the cut-off was computed by. */
const clockTolerance = '5 minutes';

/** Dropping a week needs the whole table for a moment; meanwhile nobody waits for longer than this. */
const dropLockTimeout = '500ms';

/** Attempts to drop a week while readers and writers hold the table; the next run of the job goes on. */
const dropAttempts = 10;

/** Rollups removed by one statement. */
const rollupsPerStatement = 50_000;

/**
 * Removes what has expired from one telemetry database. Reads are cut at the cut-off anyway, so this frees space and
 * keeps the promise of deletion; it can be interrupted and run again at any time.
 * @param owner a connection to the telemetry database as its owner
 * @param cutoffMs epoch ms: readings before it are removed
 * @param retentionDays the retention that it follows from, 1–3,650 days
 * @throws Error for another retention, and for a cut-off later than it allows by the clock of the database; error of the
 *   driver (55P03) if a week could not be dropped for being in use
 */
export async function removeExpired(
  owner: postgres.Sql,
  cutoffMs: number,
  retentionDays: number,
): Promise<RemovedReadings> {
  const cutoff = new Date(cutoffMs);
  await refuseAbsurd(owner, cutoff, retentionDays);
  const expired = (await weekPartitions(owner)).filter(({ mondayMs }) => mondayMs + weekMs <= cutoffMs);
  await distrustRollups(owner, cutoff);
  let readingsDropped = 0;
  for (const { name } of expired) readingsDropped += await dropPartition(owner, name);
  const readings = await owner`delete from telemetry.readings where at < ${cutoff}`;
  const latest = await owner`delete from telemetry.latest where at < ${cutoff}`;
  return {
    partitionsDropped: expired.length,
    readingsDropped,
    readingsDeleted: readings.count,
    latestDeleted: latest.count,
    rollupsDeleted: await removeRollups(owner, cutoff),
  };
}

async function refuseAbsurd(owner: postgres.Sql, cutoff: Date, retentionDays: number): Promise<void> {
  const { min, max } = retentionBounds;
  if (!(Number.isInteger(retentionDays) && retentionDays >= min && retentionDays <= max)) {
    throw new Error(`there is no retention but of ${min} to ${max} days`);
  }
  const [clock] = await owner<{ isAllowed: boolean }[]>`
    select ${cutoff}::timestamptz <= now() - make_interval(days => ${retentionDays}::int) + ${clockTolerance}::interval
      as "isAllowed"`;
  if (clock?.isAllowed !== true) throw new Error('the cut-off is later than the retention allows');
}

/** @returns the readings that were in it: counted before, since nobody shall wait meanwhile */
async function dropPartition(owner: postgres.Sql, name: string): Promise<number> {
  const [held] = await owner<{ readings: number }[]>`
    select count(*)::float8 as readings from ${owner(`telemetry.${name}`)}`;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await owner.begin(async (tx) => {
        await tx`select set_config('lock_timeout', ${dropLockTimeout}, true)`;
        await tx`drop table if exists ${tx(`telemetry.${name}`)}`;
      });
      return held?.readings ?? 0;
    } catch (error) {
      if (databaseErrorCode(error) !== '55P03' || attempt === dropAttempts) throw error;
    }
  }
}

/** From here on what is removed is read from readings, and the roller rests: no rollup can tell of what is gone. */
async function distrustRollups(owner: postgres.Sql, cutoff: Date): Promise<void> {
  await owner.begin(async (tx) => {
    await lockRollups(tx);
    await tx`
      update telemetry.rollup_state set removing_before = greatest(removing_before,
        date_bin('1 hour', ${cutoff}::timestamptz + interval '1 hour' - interval '1 microsecond', 'epoch'))`;
  });
}

/**
 * Removes the rollups of what is gone, and has the hour of the cut-off computed again. A row that is stale stays: something
 * was written there since, which the roller finds.
 * @returns rows that were removed
 */
async function removeRollups(owner: postgres.Sql, cutoff: Date): Promise<number> {
  const hour = owner`date_bin('1 hour', ${cutoff}::timestamptz, 'epoch')`;
  const removals = [
    { table: owner`telemetry.rollup_minutes`, gone: owner`at < ${hour}` },
    { table: owner`telemetry.rollup_hours`, gone: owner`at < ${hour} and not is_stale` },
    { table: owner`telemetry.rollup_days`, gone: owner`at < ${cutoff}` },
  ];
  let total = 0;
  for (const { table, gone } of removals) {
    let removed: number;
    do {
      const found = await owner`
        delete from ${table}
        where ctid = any (array(select ctid from ${table} where ${gone} limit ${rollupsPerStatement})) and ${gone}`;
      removed = found.count;
      total += removed;
    } while (removed === rollupsPerStatement);
  }
  await owner.begin(async (tx) => {
    await lockRollups(tx);
    // The hour of the cut-off; more where an earlier run with a later cut-off was interrupted. Locked in the order in which
    // writes mark hours.
    await tx`
      with locked as materialized (
        select thing_id, metric_id, at from telemetry.rollup_hours
        where at < (select removing_before from telemetry.rollup_state) and not is_stale
        order by thing_id, metric_id, at for update
      )
      update telemetry.rollup_hours h set is_stale = true from locked l
      where h.thing_id = l.thing_id and h.metric_id = l.metric_id and h.at = l.at`;
    await tx`
      update telemetry.rollup_state set removing_before = null, days_from = greatest(days_from,
        date_bin('1 day', removing_before + interval '1 day' - interval '1 microsecond', 'epoch'))`;
  });
  return total;
}

/** Waits for the step of the roller that is under way. */
async function lockRollups(tx: postgres.TransactionSql): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended('bulkhead:telemetry:rollup', 0))`;
}
