import { holdsInexactNumber, inexactNumberReason } from '../db/inexact-number.js';
import { type AcceptedWindow, outsideWindow } from './accepted-window.js';
import { type Coercion, coerceValue } from './coerce-value.js';
import type { TelemetryMetric } from './metric.js';
import { ReadingBatch, type ReadingColumns } from './reading-batch.js';
import type { TelemetryDatabase } from './telemetry-database.js';
import { requireHandlesOf, type ThingHandle } from './thing-handle.js';
import { writeReadings } from './write-readings.js';

/**
 * Collects readings of one thing from a source that nobody can correct: what does not fit is told to the caller and left
 * out, and the rest can be written.
 */
export class LenientBatch {
  readonly #handle: ThingHandle;
  readonly #window: AcceptedWindow;
  readonly #metrics: ReadonlyMap<string, TelemetryMetric>;
  readonly #readings = new ReadingBatch();

  constructor(handle: ThingHandle, window: AcceptedWindow) {
    this.#handle = handle;
    this.#window = window;
    this.#metrics = new Map(handle.metrics.map((metric) => [metric.id, metric]));
  }

  /** Whether the thing has the metric. */
  has(metricId: string): boolean {
    return this.#metrics.has(metricId);
  }

  /** Why readings of an instant are not accepted; undefined for one that is. */
  refusesInstant(atMs: number): string | undefined {
    return outsideWindow(atMs, this.#window);
  }

  /**
   * The text that is stored for a value, or why it does not fit the metric.
   * @param metricId of a metric that the thing has
   */
  fit(metricId: string, value: unknown): Coercion {
    const { dataType } = this.#metric(metricId);
    // As text it would be another number than the one that was sent.
    if (dataType === 'STRING' && holdsInexactNumber(value)) return { reason: inexactNumberReason };
    const coerced = coerceValue(dataType, value);
    return 'reason' in coerced ? { reason: `${coerced.reason} (the metric is ${dataType})` } : coerced;
  }

  /** Adds what `fit` answered for a value, of two for the same metric and instant the later one. */
  add(metricId: string, atMs: number, text: string): void {
    this.#readings.add(this.#handle.thingId, this.#metric(metricId), atMs, text);
  }

  /** What was collected, ready to be counted and written. */
  columns(): ReadingColumns {
    return this.#readings.columns();
  }

  /**
   * Writes what was collected.
   * @throws BulkheadError NOT_FOUND if the telemetry of the thing is forgotten, BAD_USER_INPUT for too many new weeks
   */
  async write(database: TelemetryDatabase, columns: ReadingColumns): Promise<void> {
    requireHandlesOf(database, [this.#handle]);
    await writeReadings(database, columns);
  }

  #metric(metricId: string): TelemetryMetric {
    const metric = this.#metrics.get(metricId);
    if (metric === undefined) throw new Error('the thing does not have the metric');
    return metric;
  }
}
