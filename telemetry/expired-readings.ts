import type postgres from 'postgres';
import { weekMs, weekPartitions } from './week-partitions.js';

/** What a removal up to a cut-off finds. */
export interface ExpiredReadings {
  /** Readings before the cut-off. */
  readonly readings: number;
  /** Weeks that lie before it as a whole. */
  readonly weeks: number;
  /** Metrics of things whose newest reading lies before it. */
  readonly latest: number;
  /** An earlier removal was interrupted: what it began is to be finished. */
  readonly isInterrupted: boolean;
}

/**
 * Counts what has expired in one telemetry database.
 * @param owner a connection to the telemetry database as its owner
 * @param cutoffMs epoch ms
 */
export async function expiredReadings(owner: postgres.Sql, cutoffMs: number): Promise<ExpiredReadings> {
  const cutoff = new Date(cutoffMs);
  const [found] = await owner<Omit<ExpiredReadings, 'weeks'>[]>`
    select (select count(*)::float8 from telemetry.readings where at < ${cutoff}) as readings,
           (select count(*)::float8 from telemetry.latest where at < ${cutoff}) as latest,
           exists (select from telemetry.rollup_state where removing_before is not null) as "isInterrupted"`;
  if (found === undefined) throw new Error('nothing was counted');
  const expired = (await weekPartitions(owner)).filter(({ mondayMs }) => mondayMs + weekMs <= cutoffMs);
  return { ...found, weeks: expired.length };
}

/** Which of the readings before a cut-off are expected to go. */
export interface ExpectedRemoval {
  /** All before this instant, confirmed by somebody. */
  readonly confirmedBeforeMs: number | null;
  /** Those that time has brought past the retention since the last removal: from its cut-off to this instant. */
  readonly since: { readonly fromMs: number; readonly toMs: number } | null;
}

/** Readings whose removal nobody expects, beside all that there are. */
export interface UnexpectedRemoval {
  readonly readings: number;
  /** All readings of the database, where there are unexpected ones; else 0: counting them reads the whole database. */
  readonly of: number;
}

/**
 * Counts the readings before a cut-off of which neither somebody has said, nor time explains, that they go.
 * @param owner a connection to the telemetry database as its owner
 * @param cutoffMs epoch ms
 */
export async function unexpectedRemoval(
  owner: postgres.Sql,
  cutoffMs: number,
  { confirmedBeforeMs, since }: ExpectedRemoval,
): Promise<UnexpectedRemoval> {
  const between = since ?? { fromMs: 0, toMs: 0 };
  const [row] = await owner<{ readings: number }[]>`
    select count(*)::float8 as readings from telemetry.readings
    where at < ${new Date(cutoffMs)} and at >= ${new Date(confirmedBeforeMs ?? 0)}
      and not (at >= ${new Date(between.fromMs)} and at < ${new Date(between.toMs)})`;
  const readings = row?.readings ?? 0;
  if (readings === 0) return { readings, of: 0 };
  const [all] = await owner<{ readings: number }[]>`select count(*)::float8 as readings from telemetry.readings`;
  return { readings, of: all?.readings ?? 0 };
}
