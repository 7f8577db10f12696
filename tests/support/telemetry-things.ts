import { randomUUID } from 'node:crypto';
import type { TelemetryMetric } from '../../telemetry/metric.js';
import { issueThingHandle, type ThingHandle } from '../../telemetry/thing-handle.js';

/** A metric for tests: its id is its name behind `mdef_`. */
export function metric(
  name: string,
  dataType: TelemetryMetric['dataType'],
  defaultAggregation: TelemetryMetric['defaultAggregation'] = 'LAST',
): TelemetryMetric {
  return { id: `mdef_${name.toLowerCase()}`, name, dataType, defaultAggregation };
}

/** One metric of each data type. */
export const oneOfEach: readonly TelemetryMetric[] = [
  metric('count', 'INT', 'SUM'),
  metric('Power', 'DOUBLE', 'AVG'),
  metric('mode', 'STRING'),
  metric('online', 'BOOL', 'FIRST'),
  metric('report', 'JSON'),
];

/** A handle of a new thing. */
export function newThing(orgId: string, metrics: readonly TelemetryMetric[] = oneOfEach): ThingHandle {
  return issueThingHandle({ orgId, thingId: randomUUID(), metrics });
}

/** An accepted window so wide that tests may use fixed dates: ten years back, five minutes ahead. */
export function wideWindow(): { oldestMs: number; newestMs: number } {
  return { oldestMs: Date.now() - 3_650 * 86_400_000, newestMs: Date.now() + 300_000 };
}
