import type { TelemetryMetric } from './metric.js';
import type { ThingHandle } from './thing-handle.js';

const indexes = new WeakMap<ThingHandle, ReadonlyMap<string, TelemetryMetric>>();

/** The metric of the handle with this name, matched case-insensitively. */
export function metricByName(handle: ThingHandle, name: string): TelemetryMetric | undefined {
  let index = indexes.get(handle);
  if (index === undefined) {
    index = new Map(handle.metrics.map((metric) => [metric.name.toLowerCase(), metric]));
    indexes.set(handle, index);
  }
  return index.get(name.toLowerCase());
}

/** A name as the caller wrote it, fit for a message: quoted, escaped, and cut where no metric name can be that long. */
export function quotedName(name: string): string {
  return JSON.stringify(name.length > 100 ? `${name.slice(0, 100)}…` : name);
}
