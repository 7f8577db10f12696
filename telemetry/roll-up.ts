import type postgres from 'postgres';
import { databaseErrorCode } from './database-error-code.js';
import { rollNewHours } from './roll-new-hours.js';
import { rollStaleHours } from './roll-stale-hours.js';

/** What a run of `rollUp` did. */
export interface RolledUp {
  /** Readings that were read to compute rollups. */
  readonly readings: number;
  /** Whether nothing is left to be done. */
  readonly isDone: boolean;
}

/** Bounds of one run. */
export interface RollUpLimits {
  /** Readings after which the run ends, with what is left for the next one (default 5 million: some 5 s, a minute where they are not in memory). */
  readonly maxReadings?: number;
  /** Ends the run after the step at hand. */
  readonly signal?: AbortSignal;
}

const defaultMaxReadings = 5_000_000;

/** Moving `closing` waits for the writes under way, and meanwhile all others wait for it: not for longer than this. */
const closeLockTimeout = '500ms';

/**
 * Brings the rollups of one telemetry database up to date: closes the hours before `before`, computes those that are new,
 * and computes those again of which readings were written since. Takes many short transactions and can be interrupted
 * after each; of two at once, one waits for a step of the other. Rests while retention is at work.
 * @param owner a connection to the telemetry database as its owner
 * @param before epoch ms: hours that end at or before it are rolled up
 * @throws errors of the driver
 */
export async function rollUp(owner: postgres.Sql, before: number, limits: RollUpLimits = {}): Promise<RolledUp> {
  const { maxReadings = defaultMaxReadings, signal } = limits;
  await closeHours(owner, new Date(before));
  let readings = 0;
  let isDone = true;
  for (const roll of [rollNewHours, rollStaleHours]) {
    const steps = roll(owner);
    for await (const read of steps) {
      readings += read;
      if (readings < maxReadings && signal?.aborted !== true) continue;
      isDone = false;
      break;
    }
  }
  return { readings, isDone };
}

/** Moves `closing` to the begin of the hour of an instant: from then on, writes before it mark what they touch as stale. */
async function closeHours(owner: postgres.Sql, before: Date): Promise<void> {
  const [open] = await owner`
    select from telemetry.rollup_state where closing < date_bin('1 hour', ${before}::timestamptz, 'epoch')`;
  if (open === undefined) return;
  try {
    await owner.begin(async (tx) => {
      await tx`select set_config('lock_timeout', ${closeLockTimeout}, true)`;
      await tx`select pg_advisory_xact_lock(hashtextextended('bulkhead:telemetry:forget', 0))`;
      await tx`update telemetry.rollup_state set closing = date_bin('1 hour', ${before}::timestamptz, 'epoch')
               where closing < ${before}`;
    });
  } catch (error) {
    // A write takes unusually long. What was closed before is rolled up all the same, the rest with the next run.
    if (databaseErrorCode(error) !== '55P03') throw error;
  }
}
