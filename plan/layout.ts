import type { Aggregation, TelemetryMetric } from '../telemetry/metric.js';

/** A metric of a telemetry field, with what is selected of its definition. */
export interface PlannedMetric extends TelemetryMetric {
  /** JSON of each object of the definition that the operation selects, by number. */
  readonly objects: readonly string[];
}

/** A part of an object of telemetry whose value is not known before the readings are. */
export interface Slot {
  readonly kind: 'at' | 'value' | 'thingId' | 'aggregation' | 'points' | 'readings';
  /** Layout of each entry of `points` and `readings`. */
  readonly entry?: Layout;
}

/** Fixed text, or something of the metric. */
type MetricPart = string | ((metric: PlannedMetric) => string);

/**
 * How one object of telemetry is written as JSON: texts that depend on the metric at most, and slots between them.
 */
export class Layout {
  readonly slots: Slot[] = [];
  /** Text before each slot, and after the last one. */
  readonly #parts: MetricPart[][] = [[]];

  /** Adds fixed text or a text of the metric. */
  add(part: MetricPart): this {
    this.#parts.at(-1)?.push(part);
    return this;
  }

  /** Adds a slot. */
  slot(slot: Slot): this {
    this.slots.push(slot);
    this.#parts.push([]);
    return this;
  }

  /** The texts around the slots: one more than there are slots. */
  textsFor(metric: PlannedMetric): string[] {
    return this.#parts.map((parts) => parts.map((part) => (typeof part === 'string' ? part : part(metric))).join(''));
  }
}

/** JSON of the aggregation of a series. */
export function aggregationJson(aggregation: Aggregation | null): string {
  return aggregation === null ? 'null' : `"${aggregation}"`;
}
