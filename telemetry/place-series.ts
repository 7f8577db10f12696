import { BulkheadError } from '../errors/bulkhead-error.js';
import type { Series } from './point-columns.js';
import { readSeries, type SeriesQuery } from './read-series.js';
import { selectMetrics } from './select-metrics.js';
import type { TelemetryDatabase } from './telemetry-database.js';
import { requireHandlesOf, type ThingHandle } from './thing-handle.js';

/** Metrics of one query over a place at most. */
export const maxPlaceMetrics = 20;

/**
 * Series over all things of a place, one per metric: a bin aggregates the readings of all things in it; raw readings
 * carry the thing that reported them. Readings are ordered by (instant, thing id), for FIRST and LAST too.
 * @param handles the things of the place that the actor may read; each contributes the metrics of its own handle
 * @throws BulkheadError TOO_MANY_METRICS, and what `thingSeries` throws
 */
export async function placeSeries(
  database: TelemetryDatabase,
  handles: readonly ThingHandle[],
  query: SeriesQuery,
): Promise<Series[]> {
  requireHandlesOf(database, handles);
  const metrics = selectMetrics(handles, query.metrics);
  if (metrics.length > maxPlaceMetrics) {
    const message = `A query over a place takes at most ${maxPlaceMetrics} metrics, this one has ${metrics.length}`;
    throw new BulkheadError('TOO_MANY_METRICS', message, { field: 'metricIds' });
  }
  return readSeries(database, handles, metrics, query, true);
}
