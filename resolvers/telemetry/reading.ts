import type { TelemetryMetric } from '../../telemetry/metric.js';

/** A reading as its type resolves it. */
export interface ReadingValue {
  readonly metricId: string;
  readonly metricName: string;
  readonly at: Date;
  readonly value: unknown;
}

/** A reading of a metric. */
export function readingOf(metric: TelemetryMetric, atMs: number, value: unknown): ReadingValue {
  return { metricId: metric.id, metricName: metric.name, at: new Date(atMs), value };
}

/** All readings of one moment. */
export interface EventValue {
  readonly at: Date;
  readonly readings: readonly ReadingValue[];
}
