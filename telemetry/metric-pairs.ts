import { arrayLiteral } from '../db/array-literal.js';
import type { TelemetryMetric } from './metric.js';
import type { ThingHandle } from './thing-handle.js';

/** Which readings a statement may touch: pairs of thing and metric, as array literals of the same length. */
export interface MetricPairs {
  readonly things: string;
  readonly metrics: string;
  /** Place of each pair's thing among the handles, from 1. */
  readonly thingPlaces: string;
  /** Place of each pair's metric among the metrics, from 1. */
  readonly metricPlaces: string;
}

/** Pairs each thing with those of the metrics that its own handle carries: a handle gives access to nothing else. */
export function metricPairs(handles: readonly ThingHandle[], metrics: readonly TelemetryMetric[]): MetricPairs {
  const places = new Map(metrics.map(({ id }, index) => [id, index + 1]));
  const seen = new Map<string, Set<string>>();
  const pairs: { thingId: string; metricId: string; thingPlace: number; metricPlace: number }[] = [];
  handles.forEach(({ thingId, metrics: own }, index) => {
    const ofThing = seen.get(thingId) ?? new Set<string>();
    seen.set(thingId, ofThing);
    for (const { id: metricId } of own) {
      const metricPlace = places.get(metricId);
      if (metricPlace === undefined || ofThing.has(metricId)) continue;
      ofThing.add(metricId);
      pairs.push({ thingId, metricId, thingPlace: index + 1, metricPlace });
    }
  });
  return {
    things: arrayLiteral(pairs.map(({ thingId }) => thingId)),
    metrics: arrayLiteral(pairs.map(({ metricId }) => metricId)),
    thingPlaces: arrayLiteral(pairs.map(({ thingPlace }) => String(thingPlace))),
    metricPlaces: arrayLiteral(pairs.map(({ metricPlace }) => String(metricPlace))),
  };
}
