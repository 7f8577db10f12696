import { BulkheadError } from '../errors/bulkhead-error.js';
import { type Bin, countBins, requireBin } from './bin.js';
import { binnedPoints } from './binned-points.js';
import type { TelemetryMetric } from './metric.js';
import { collectSeries, type Series } from './point-columns.js';
import { requirePointCount } from './point-limits.js';
import { rawPoints } from './raw-points.js';
import type { TelemetryDatabase } from './telemetry-database.js';
import type { ThingHandle } from './thing-handle.js';
import { retainedWindow, type TimeWindow } from './time-window.js';

/** Milliseconds that raw readings may span. */
const maxRawMs = 86_400_000;

/** What is asked of one thing or of the things of a place. */
export interface SeriesQuery extends TimeWindow {
  /** Ids or names (any case) of metrics; without it, all. */
  readonly metrics?: readonly string[];
  /** Without it, raw readings of at most 24 hours. */
  readonly bin?: Bin;
  /** The retention cut-off of the organization, epoch ms: what is older is not answered. */
  readonly oldestMs: number;
}

/**
 * Reads series of metrics that were selected; checks everything else of the query.
 * @param isOfPlace whether raw readings tell their things
 */
export async function readSeries(
  database: TelemetryDatabase,
  handles: readonly ThingHandle[],
  metrics: readonly TelemetryMetric[],
  query: SeriesQuery,
  isOfPlace: boolean,
): Promise<Series[]> {
  const { bin } = query;
  const window = retainedWindow(query, query.oldestMs);
  if (bin !== undefined) requireBin(bin);
  else if (query.endMs - query.startMs > maxRawMs) {
    const message = 'Raw readings span at most 24 hours: shorten the window or give bin: { unit, value }';
    throw new BulkheadError('RAW_WINDOW_TOO_LARGE', message, { field: 'bin' });
  }
  if (window.startMs >= window.endMs || metrics.length === 0) {
    return collectSeries(metrics, bin !== undefined, new Map());
  }
  if (bin === undefined) {
    return collectSeries(metrics, false, await rawPoints(database, handles, metrics, window, isOfPlace));
  }
  const bins = countBins(bin, window);
  requirePointCount({ perSeries: bins, overall: bins * metrics.length });
  return collectSeries(metrics, true, await binnedPoints({ database, handles, metrics, window, bin }));
}
