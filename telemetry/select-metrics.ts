import { BulkheadError } from '../errors/bulkhead-error.js';
import type { TelemetryMetric } from './metric.js';
import { quotedName } from './metric-by-name.js';
import type { ThingHandle } from './thing-handle.js';

/**
 * The metrics that a query asks for, each once, in the order asked for.
 * @param handles things of the query: their metrics, of all of them together, can be asked for
 * @param asked ids or names (any case); undefined = all, in the order of the handles. A name stands for every metric that
 *   bears it: types of several versions may have one each
 * @throws BulkheadError UNKNOWN_METRIC for one that none of the things has
 */
export function selectMetrics(
  handles: readonly ThingHandle[],
  asked: readonly string[] | undefined,
): readonly TelemetryMetric[] {
  const byId = new Map<string, TelemetryMetric>();
  const byName = new Map<string, Map<string, TelemetryMetric>>();
  for (const handle of handles) {
    for (const metric of handle.metrics) {
      byId.set(metric.id, metric);
      const name = metric.name.toLowerCase();
      const namesakes = byName.get(name) ?? new Map<string, TelemetryMetric>();
      byName.set(name, namesakes.set(metric.id, metric));
    }
  }
  if (asked === undefined) return [...byId.values()];
  const chosen = new Map<string, TelemetryMetric>();
  for (const [index, key] of asked.entries()) {
    const metric = byId.get(key);
    const found = metric === undefined ? byName.get(key.toLowerCase())?.values() : [metric];
    if (found === undefined) {
      const field = `metricIds[${index}]`;
      throw new BulkheadError('UNKNOWN_METRIC', `${field}: there is no metric ${quotedName(key)} here`, { field });
    }
    for (const each of found) chosen.set(each.id, each);
  }
  return [...chosen.values()];
}
