import type { Bin } from './bin.js';
import type { TimeWindow } from './time-window.js';

/**
 * The coarsest rollups that bins can be made of.
 * `RAW`: none. `MINUTE`: minutes, of hours that have them. `HOUR`: hours. `SPLIT_HOUR`: hours, but for those in which a
 * bin begins, as days do in zones that are half an hour off. `DAY`: days, and hours at both ends.
 */
export type RollupLevel = 'RAW' | 'MINUTE' | 'HOUR' | 'SPLIT_HOUR' | 'DAY';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** The level for bins of a window: one whose whole buckets lie in one bin each, and of which the window holds some. */
export function rollupLevel(bin: Bin, window: TimeWindow): RollupLevel {
  if (!holdsWhole(hourMs, window)) return 'RAW';
  if (bin.unit === 'DAY' && (bin.timeZone ?? 'UTC') !== 'UTC') return 'SPLIT_HOUR';
  const minutes = bin.value * { MINUTE: 1, HOUR: 60, DAY: 1_440 }[bin.unit];
  if (minutes % 60 !== 0) return 'MINUTE';
  return minutes % 1_440 === 0 && holdsWhole(dayMs, window) ? 'DAY' : 'HOUR';
}

/** Whether each bin is one bucket of the level, so that no two rollups, and no rollup and readings, fall into one bin. */
export function isBinABucket(bin: Bin, level: RollupLevel): boolean {
  if (bin.unit === 'DAY') return false;
  const minutes = bin.value * (bin.unit === 'HOUR' ? 60 : 1);
  return (level === 'HOUR' && minutes === 60) || (level === 'MINUTE' && minutes === 1);
}

function holdsWhole(bucketMs: number, { startMs, endMs }: TimeWindow): boolean {
  return Math.ceil(startMs / bucketMs) < Math.floor(endMs / bucketMs);
}
