import type { Bin } from './bin.js';
import type { MetricValue, TelemetryMetric } from './metric.js';
import type { TelemetryDatabase } from './telemetry-database.js';
import type { ThingHandle } from './thing-handle.js';
import type { TimeWindow } from './time-window.js';

/** What a binned query reads, checked and cut at retention. */
export interface BinnedRead {
  readonly database: TelemetryDatabase;
  readonly handles: readonly ThingHandle[];
  readonly metrics: readonly TelemetryMetric[];
  readonly window: TimeWindow;
  readonly bin: Bin;
}

/** The value of one metric in one bin. */
export interface BinnedValue {
  readonly metricId: string;
  /** Start of the bin, epoch ms. */
  readonly atMs: number;
  readonly value: MetricValue;
}
