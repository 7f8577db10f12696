import { arrayLiteral } from '../db/array-literal.js';
import type { TelemetryMetric } from './metric.js';
import type { ThingHandle } from './thing-handle.js';

/** Which readings a statement may touch: pairs of thing and metric, as two array literals of the same length. */
export interface MetricPairs {
  readonly things: string;
  readonly metrics: string;
  readonly count: number;
}

/** Pairs each thing with those of the metrics that its own handle carries: a handle gives access to nothing else. */
export function metricPairs(handles: readonly ThingHandle[], metrics: readonly TelemetryMetric[]): MetricPairs {
  const wanted = new Set(metrics.map((metric) => metric.id));
  const pairs = new Map<string, readonly [thingId: string, metricId: string]>();
  for (const { thingId, metrics: own } of handles) {
    for (const { id } of own) {
      if (wanted.has(id)) pairs.set(`${thingId} ${id}`, [thingId, id]);
    }
  }
  const all = [...pairs.values()];
  return {
    things: arrayLiteral(all.map(([thingId]) => thingId)),
    metrics: arrayLiteral(all.map(([, metricId]) => metricId)),
    count: all.length,
  };
}
