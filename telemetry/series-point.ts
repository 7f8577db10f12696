import type { MetricValue } from './metric.js';

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
