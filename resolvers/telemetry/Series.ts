import type { MetricDefinitionRow } from '../../db/tables/definitions.js';
import { MetricDefinition } from '../../model/definitions.js';
import type { PointColumns } from '../../telemetry/point-columns.js';
import { loadRelated } from '../load-related.js';
import type {
  PlacePointResolvers,
  PlaceSeriesResolvers,
  PointResolvers,
  ReadingResolvers,
  SeriesResolvers,
} from '../types.generated.js';

/** Fields of a series of one thing. */
export const Series: SeriesResolvers = {
  metricId: ({ metric }) => metric.id,
  metricName: ({ metric }) => metric.name,
  metric: ({ metric }, _args, { loaders }) =>
    loadRelated(loaders.rowOf<MetricDefinitionRow>(MetricDefinition), metric.id, 'metric'),
  points: ({ points }) => pointsOf(points),
};

/** Fields of a series over the things of a place. */
export const PlaceSeries: PlaceSeriesResolvers = {
  metricId: ({ metric }) => metric.id,
  metricName: ({ metric }) => metric.name,
  metric: ({ metric }, _args, { loaders }) =>
    loadRelated(loaders.rowOf<MetricDefinitionRow>(MetricDefinition), metric.id, 'metric'),
  points: ({ points }) => pointsOf(points),
};

/** Columns as the points that GraphQL lists. */
function pointsOf({ atMs, values, thingIds }: PointColumns) {
  return atMs.map((at, index) => ({ atMs: at, value: values[index], thingId: thingIds?.[index] ?? null }));
}

/** Fields of a point of a series of one thing. */
export const Point: PointResolvers = { at: ({ atMs }) => new Date(atMs) };

/** Fields of a point of a series over the things of a place. */
export const PlacePoint: PlacePointResolvers = { at: ({ atMs }) => new Date(atMs) };

/** Fields of a reading. */
export const Reading: ReadingResolvers = {
  metric: ({ metricId }, _args, { loaders }) =>
    loadRelated(loaders.rowOf<MetricDefinitionRow>(MetricDefinition), metricId, 'metric'),
};
