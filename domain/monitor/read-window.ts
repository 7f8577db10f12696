import { newestBefore } from '../../telemetry/newest-before.js';
import { thingSeries } from '../../telemetry/series.js';
import type { TelemetryDatabase } from '../../telemetry/telemetry-database.js';
import type { ThingHandle } from '../../telemetry/thing-handle.js';
import type { OperandValue, ThingReadings } from './evaluate-thing.js';
import type { CheckedMetric } from './monitor-operands.js';
import type { MonitorWindow } from './monitor-span.js';

/** What a monitor needs of the readings of one thing. Metrics that the thing does not have, have no values. */
export async function readWindow(
  database: TelemetryDatabase,
  handle: ThingHandle,
  metrics: readonly CheckedMetric[],
  window: MonitorWindow,
  oldestMs: number,
): Promise<ThingReadings> {
  const own = handle.metrics.filter(({ id }) => metrics.some(({ metricId }) => metricId === id));
  const names = (metricId: string) => metrics.filter((each) => each.metricId === metricId).map(({ name }) => name);
  const values = new Map<string, ReadonlyMap<number, OperandValue>>();
  const before = new Map<string, OperandValue>();
  if (own.length === 0) return { binsMs: window.binsMs, values, before };
  const { startMs, endMs, bin } = window;
  const ids = own.map(({ id }) => id);
  for (const { metric, points } of await thingSeries(database, handle, {
    startMs,
    endMs,
    bin,
    oldestMs,
    metrics: ids,
  })) {
    const column = new Map<number, OperandValue>();
    for (const [index, atMs] of points.atMs.entries()) {
      const value = operandValue(points.values[index]);
      if (value !== undefined) column.set(atMs, value);
    }
    for (const name of names(metric.id)) values.set(name, column);
  }
  // A COUNT of readings has no last value; of the others only what is missing at the start of the window is looked up.
  const wanted = own.filter(
    ({ id, defaultAggregation }) =>
      defaultAggregation !== 'COUNT' &&
      metrics.some(
        ({ metricId, name, missingData }) =>
          metricId === id && missingData === 'INFILL_LAST_VALUE' && values.get(name)?.has(startMs) !== true,
      ),
  );
  if (wanted.length > 0) {
    for (const [id, last] of await newestBefore(database, handle, wanted, startMs, oldestMs)) {
      const value = operandValue(last);
      if (value !== undefined) for (const name of names(id)) before.set(name, value);
    }
  }
  return { binsMs: window.binsMs, values, before };
}

/** Integers travel as text; as doubles those beyond 2^53 are rounded, which comparing with a threshold can bear. */
function operandValue(value: unknown): OperandValue | undefined {
  if (typeof value === 'boolean') return value;
  const number = typeof value === 'string' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}
