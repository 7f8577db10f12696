import { BulkheadError } from '../errors/bulkhead-error.js';

/** Points of one series at most. */
export const maxPointsPerSeries = 10_000;

/** Points of one query at most, over all its series. */
export const maxPoints = 50_000;

/** Refuses an answer that would be too long. @throws BulkheadError TOO_MANY_POINTS */
export function requirePointCount(counts: { readonly perSeries: number; readonly overall: number }): void {
  if (counts.perSeries > maxPointsPerSeries) {
    throw new BulkheadError(
      'TOO_MANY_POINTS',
      `A series would have more than ${maxPointsPerSeries} points: shorten the window or give wider bins`,
    );
  }
  if (counts.overall > maxPoints) {
    throw new BulkheadError(
      'TOO_MANY_POINTS',
      `The series together would have more than ${maxPoints} points: ask for fewer metrics, a shorter window or wider bins`,
    );
  }
}
