import type { Series } from '../../telemetry/point-columns.js';

/** A series of one thing. */
export type SeriesValue = Series;

/** A series over the things of a place. */
export type PlaceSeriesValue = Series;
