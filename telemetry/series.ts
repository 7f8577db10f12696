import type { Series } from './point-columns.js';
import { readSeries, type SeriesQuery } from './read-series.js';
import { selectMetrics } from './select-metrics.js';
import type { TelemetryDatabase } from './telemetry-database.js';
import { requireHandlesOf, type ThingHandle } from './thing-handle.js';

/**
 * Series of one thing, one per metric: raw readings of up to 24 hours, or bins of any retained window.
 * @throws BulkheadError UNKNOWN_METRIC, RAW_WINDOW_TOO_LARGE, TOO_MANY_POINTS (10,000 per series, 50,000 in all),
 *   BAD_USER_INPUT
 */
export async function thingSeries(
  database: TelemetryDatabase,
  handle: ThingHandle,
  query: SeriesQuery,
): Promise<Series[]> {
  requireHandlesOf(database, [handle]);
  return readSeries(database, [handle], selectMetrics([handle], query.metrics), query, false);
}
