import type { MetricValue } from '../../telemetry/metric.js';
import type { Series } from '../../telemetry/point-columns.js';

/** A point as a test looks at it; only readings of a place tell their thing. */
export interface Point {
  readonly atMs: number;
  readonly value: MetricValue;
  readonly thingId?: string;
}

/** The points of a series, one by one. Refuses columns that are not of one length. */
export function pointsOf({ points: { atMs, values, thingIds } }: Series): Point[] {
  if (values.length !== atMs.length || (thingIds !== null && thingIds.length !== atMs.length)) {
    throw new Error('the columns of a series are not of one length');
  }
  return atMs.map((at, index) => ({
    atMs: at,
    value: values[index],
    ...(thingIds === null ? {} : { thingId: thingIds[index]! }),
  }));
}
