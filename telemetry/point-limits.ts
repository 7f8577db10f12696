import { BulkheadError } from '../errors/bulkhead-error.js';

/** Points of one series at most. */
export const maxPointsPerSeries = 10_000;

/** Points of one query at most, over all its series. */
export const maxPoints = 50_000;

/** Bytes of the raw values of one query at most. */
export const maxValueBytes = 16 * 1024 * 1024;

/** How long an answer would be. */
export interface PointCounts {
  readonly perSeries: number;
  readonly overall: number;
  /** Whether the values have at most `maxValueBytes` bytes; only raw values may have more. */
  readonly areShort?: boolean;
}

/** Refuses an answer that would be too long. @throws BulkheadError TOO_MANY_POINTS */
export function requirePointCount(counts: PointCounts): void {
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
  if (counts.areShort === false) {
    throw new BulkheadError(
      'TOO_MANY_POINTS',
      `The values together would have more than ${maxValueBytes / 1024 / 1024} MiB: ask for fewer metrics or a shorter window`,
    );
  }
}
