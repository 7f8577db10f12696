import type { Bin } from './bin.js';
import type { TelemetryMetric } from './metric.js';
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
