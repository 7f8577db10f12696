import type { Aggregation, MetricValue, TelemetryMetric } from './metric.js';

/** Points as columns of one length, in order of time (then of thing id). Bins without a reading are left out. */
export interface PointColumns {
  /** Epoch ms: of the reading, or the start of the bin, even where that lies before the window asked for. */
  readonly atMs: readonly number[];
  readonly values: readonly MetricValue[];
  /** Who reported each reading of a place; null for a series of one thing, and for bins, which hold all things. */
  readonly thingIds: readonly string[] | null;
}

/** What a query answers for one metric. */
export interface Series {
  readonly metric: TelemetryMetric;
  /** How bins became values; null for raw readings. */
  readonly aggregation: Aggregation | null;
  readonly points: PointColumns;
}

/** Points of one metric as the database writes them: one row a metric, whatever the number of points. */
export interface PointText {
  /** Place of the metric among those asked for, from 1. */
  readonly metric: number;
  /** Array of milliseconds since the Unix epoch. */
  readonly times: string;
  /** Values as JSON, separated by commas. */
  readonly values: string;
}

const noPoints: PointColumns = { atMs: [], values: [], thingIds: null };

/**
 * Series in the order of the metrics; one without points is there, too.
 * @param pointsOf points by metric id
 */
export function collectSeries(
  metrics: readonly TelemetryMetric[],
  isBinned: boolean,
  pointsOf: ReadonlyMap<string, PointColumns>,
): Series[] {
  return metrics.map((metric) => ({
    metric,
    aggregation: isBinned ? metric.defaultAggregation : null,
    points: pointsOf.get(metric.id) ?? noPoints,
  }));
}

/** Integers (within ±(2^53 − 1)) of a PostgreSQL array in its text form. */
export function decodeIntegers(array: string): number[] {
  return JSON.parse(`[${array.slice(1, -1)}]`) as number[];
}

/**
 * Values that the database wrote as JSON, separated by commas.
 * @param isDecimalText integers of up to 64 bits, and sums of them, stay text
 */
export function decodeValues(values: string, isDecimalText: boolean): MetricValue[] {
  return isDecimalText ? values.split(',') : (JSON.parse(`[${values}]`) as MetricValue[]);
}
