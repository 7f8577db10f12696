import { median } from '../measure/statistics.js';

/** By how much a series may grow over the time that is looked at: both bounds have to be passed. */
export interface GrowthBound {
  /** Part of its median. */
  readonly part: number;
  /** In its own unit. */
  readonly least: number;
}

/** How a series has developed. */
export interface Growth {
  readonly median: number;
  /** What the straight line through the last two thirds gains in that time. */
  readonly gained: number;
  readonly isGrowing: boolean;
}

/**
 * Judges the last two thirds of a series by a straight line (least squares): the first third is the warming up of caches,
 * pools and the compiler.
 */
export function judgeGrowth(samples: readonly number[], bound: GrowthBound): Growth {
  const settled = samples.slice(Math.floor(samples.length / 3));
  const middle = median(settled);
  const gained = slope(settled) * Math.max(0, settled.length - 1);
  return { median: middle, gained, isGrowing: gained > bound.least && gained > bound.part * middle };
}

/** Gain of each sample over the one before, by least squares. */
function slope(values: readonly number[]): number {
  const meanX = (values.length - 1) / 2;
  const meanY = values.reduce((sum, value) => sum + value, 0) / values.length;
  let covariance = 0;
  let variance = 0;
  for (const [x, y] of values.entries()) {
    covariance += (x - meanX) * (y - meanY);
    variance += (x - meanX) ** 2;
  }
  return variance === 0 ? 0 : covariance / variance;
}
