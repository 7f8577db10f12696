import type { Aggregation, MetricValue, TelemetryMetric } from './metric.js';

/** One point of a series. */
export interface SeriesPoint {
  /** Epoch ms: of the reading, or the start of the bin, even where that lies before the window asked for. */
  readonly atMs: number;
  readonly value: MetricValue;
}

/** One point of a series over the things of a place. */
export interface PlacePoint extends SeriesPoint {
  /** The thing that reported a raw reading; null in a bin, which holds those of all things. */
  readonly thingId: string | null;
}

/** What a query answers for one metric. */
export interface Series<Point extends SeriesPoint = SeriesPoint> {
  readonly metric: TelemetryMetric;
  /** How bins became values; null for raw readings. */
  readonly aggregation: Aggregation | null;
  /** In order of time (then of thing id). Bins without a reading are left out. */
  readonly points: readonly Point[];
}

/** Points by metric id, and points in the order in which a series lists them. */
export function collectSeries(
  metrics: readonly TelemetryMetric[],
  isBinned: boolean,
  pointsOf: ReadonlyMap<string, PlacePoint[]>,
): Series<PlacePoint>[] {
  return metrics.map((metric) => ({
    metric,
    aggregation: isBinned ? metric.defaultAggregation : null,
    points: (pointsOf.get(metric.id) ?? []).sort(inOrder),
  }));
}

function inOrder(left: PlacePoint, right: PlacePoint): number {
  if (left.atMs !== right.atMs) return left.atMs - right.atMs;
  return (left.thingId ?? '') < (right.thingId ?? '') ? -1 : 1;
}
