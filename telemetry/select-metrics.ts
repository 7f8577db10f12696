import { BulkheadError } from '../errors/bulkhead-error.js';
import type { TelemetryMetric } from './metric.js';
import { quotedName } from './metric-by-name.js';
import type { ThingHandle } from './thing-handle.js';

/**
 * The metrics that a query asks for, each once, in the order asked for.
 * @param handles things of the query: their metrics, of all of them together, can be asked for
 * @param asked ids or names (any case); undefined = all, in the order of the handles
 * @throws BulkheadError UNKNOWN_METRIC for one that none of the things has
 */
export function selectMetrics(
  handles: readonly ThingHandle[],
  asked: readonly string[] | undefined,
): readonly TelemetryMetric[] {
  const byId = new Map<string, TelemetryMetric>();
  const byName = new Map<string, TelemetryMetric>();
  for (const handle of handles) {
    for (const metric of handle.metrics) {
      byId.set(metric.id, metric);
      byName.set(metric.name.toLowerCase(), metric);
    }
  }
  if (asked === undefined) return [...byId.values()];
  const chosen = new Map<string, TelemetryMetric>();
  for (const [index, key] of asked.entries()) {
    const metric = byId.get(key) ?? byName.get(key.toLowerCase());
    if (metric === undefined) {
      const field = `metrics[${index}]`;
      throw new BulkheadError('UNKNOWN_METRIC', `${field}: there is no metric ${quotedName(key)} here`, { field });
    }
    chosen.set(metric.id, metric);
  }
  return [...chosen.values()];
}
