import { BulkheadError, type InputFault } from '../errors/bulkhead-error.js';
import { type AcceptedWindow, outsideWindow } from './accepted-window.js';
import { coerceValue } from './coerce-value.js';
import type { InputPath } from './input-path.js';
import type { TelemetryMetric } from './metric.js';
import { metricByName, quotedName } from './metric-by-name.js';
import { ReadingBatch } from './reading-batch.js';
import type { TelemetryDatabase } from './telemetry-database.js';
import { requireHandlesOf, type ThingHandle } from './thing-handle.js';
import { writeReadings } from './write-readings.js';

/** Frames (rows) of one ingest call at most, over all its things. */
export const maxFrames = 1_000;

/** Values of one ingest call at most, over all its things. */
export const maxValues = 10_000;

/** Faults that are reported at most; the message tells how many there are. */
const maxReportedFaults = 100;

/** What an ingest call has written. */
export interface IngestResult {
  readonly framesIngested: number;
  /** One entry per thing, in the order of the call. */
  readonly things: readonly IngestedThing[];
}

/** What an ingest call has written of one thing. */
export interface IngestedThing {
  readonly thingId: string;
  readonly framesIngested: number;
  /** Names of the metrics as they are defined, each once. */
  readonly metrics: readonly string[];
}

/**
 * Collects what one ingest call wants to write and every fault of it. Nothing is written unless everything is fine.
 */
export class IngestBatch {
  readonly #window: AcceptedWindow;
  readonly #readings = new ReadingBatch();
  readonly #things = new Map<string, { frames: number; metrics: Set<string> }>();
  readonly #faults: InputFault[] = [];
  #faultCount = 0;
  #unknownMetric: InputFault | undefined;

  constructor(window: AcceptedWindow) {
    this.#window = window;
  }

  /** Notes a fault at a path of the input. */
  refuse(path: InputPath, reason: string): void {
    this.#faultCount += 1;
    if (this.#faults.length < maxReportedFaults) this.#faults.push({ field: path(), reason });
  }

  /** The metric of that name, or undefined after noting that the thing has none. */
  metric(handle: ThingHandle, name: string, path: InputPath): TelemetryMetric | undefined {
    const metric = metricByName(handle, name);
    if (metric === undefined) {
      const reason = `the thing has no metric ${quotedName(name)}`;
      this.#unknownMetric ??= { field: path(), reason };
      this.refuse(path, reason);
    }
    return metric;
  }

  /** An instant in epoch ms from a number or a decimal string, or undefined after noting what is wrong with it. */
  instant(input: unknown, path: InputPath): number | undefined {
    const isNumeral = typeof input === 'string' && /^[+-]?[0-9]{1,16}$/.test(input);
    const atMs = typeof input === 'number' || isNumeral ? Number(input) : Number.NaN;
    const reason = Number.isSafeInteger(atMs)
      ? outsideWindow(atMs, this.#window)
      : 'is not an integer of milliseconds since the Unix epoch';
    if (reason === undefined) return atMs;
    this.refuse(path, reason);
    return undefined;
  }

  /** Counts one frame of a thing. */
  countFrame(handle: ThingHandle): void {
    this.#thing(handle).frames += 1;
  }

  /** Adds a value; of two for the same thing, metric and instant the later one wins. */
  add(handle: ThingHandle, metric: TelemetryMetric, atMs: number, input: unknown, path: InputPath): void {
    const coerced = coerceValue(metric.dataType, input);
    if ('reason' in coerced) {
      this.refuse(path, `${coerced.reason} (the metric is ${metric.dataType})`);
      return;
    }
    this.#thing(handle).metrics.add(metric.name);
    this.#readings.add(handle.thingId, metric, atMs, coerced.text);
  }

  /**
   * Writes the batch.
   * @throws BulkheadError UNKNOWN_METRIC if a name was unknown, else BAD_USER_INPUT if anything was refused; both carry
   *   up to 100 faults
   */
  async write(database: TelemetryDatabase): Promise<IngestResult> {
    this.#requireFaultless();
    await writeReadings(database, this.#readings.columns());
    const things = [...this.#things].map(([thingId, { frames, metrics }]) => ({
      thingId,
      framesIngested: frames,
      metrics: [...metrics],
    }));
    return { framesIngested: things.reduce((sum, thing) => sum + thing.framesIngested, 0), things };
  }

  #requireFaultless(): void {
    const first = this.#unknownMetric ?? this.#faults[0];
    if (first === undefined) return;
    const code = this.#unknownMetric === undefined ? 'BAD_USER_INPUT' : 'UNKNOWN_METRIC';
    const others = this.#faultCount > 1 ? ` (and ${this.#faultCount - 1} more)` : '';
    const message = `Nothing was written. ${first.field}: ${first.reason}${others}`;
    throw new BulkheadError(code, message, { field: first.field, errors: this.#faults });
  }

  #thing(handle: ThingHandle): { frames: number; metrics: Set<string> } {
    let thing = this.#things.get(handle.thingId);
    if (thing === undefined) {
      thing = { frames: 0, metrics: new Set() };
      this.#things.set(handle.thingId, thing);
    }
    return thing;
  }
}

/**
 * Refuses a call that is empty, too large, or whose handles are not of this database, before anything of it is looked at.
 * @throws BulkheadError BAD_USER_INPUT
 */
export function requireIngestSize(
  database: TelemetryDatabase,
  handles: readonly ThingHandle[],
  counts: { readonly frames: number; readonly values: number },
): void {
  requireHandlesOf(database, handles);
  const { frames, values } = counts;
  let reason: string | undefined;
  if (handles.length === 0) reason = 'names no thing';
  else if (frames > maxFrames) reason = `has ${frames} frames; one call takes at most ${maxFrames}`;
  else if (values > maxValues) reason = `has ${values} values; one call takes at most ${maxValues}`;
  if (reason !== undefined) throw new BulkheadError('BAD_USER_INPUT', `The call ${reason}`, { field: 'input' });
}
