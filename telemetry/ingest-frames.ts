import type { AcceptedWindow } from './accepted-window.js';
import { IngestBatch, type IngestResult, requireIngestSize } from './ingest-batch.js';
import { type InputPath, keyPath } from './input-path.js';
import type { TelemetryMetric } from './metric.js';
import type { TelemetryDatabase } from './telemetry-database.js';
import type { ThingHandle } from './thing-handle.js';

/** The values of some metrics at one instant. */
export interface Frame {
  /** Milliseconds since the Unix epoch, an integer as number or decimal string. */
  readonly timestampMs: number | string;
  /** At least one value by metric name (any case). A metric that has no value is left out: null is refused. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** Frames of one thing. The same thing may come more than once in a call. */
export interface FramesOfThing {
  readonly handle: ThingHandle;
  readonly frames: readonly Frame[];
  /** Path of this entry in the caller's input, for faults. Default `input.things[i]`. */
  readonly field?: string;
}

/**
 * Writes frames of any number of things of one organization, all or nothing: at most 1,000 frames and 10,000 values.
 * Last write wins on (thing, metric, instant), within a call too, so that a retry of the whole call changes nothing.
 * @throws BulkheadError UNKNOWN_METRIC or BAD_USER_INPUT, with every fault (100 at most) and its path
 */
export async function ingestFrames(
  database: TelemetryDatabase,
  things: readonly FramesOfThing[],
  window: AcceptedWindow,
): Promise<IngestResult> {
  const entries = things.map((thing) => thing.frames.map(entriesOf));
  requireIngestSize(
    database,
    things.map((thing) => thing.handle),
    {
      frames: entries.reduce((sum, ofThing) => sum + ofThing.length, 0),
      values: entries.reduce((sum, ofThing) => ofThing.reduce((values, of) => values + of.length, sum), 0),
    },
  );
  const batch = new IngestBatch(window);
  for (const [index, thing] of things.entries()) {
    const field = thing.field ?? `input.things[${index}]`;
    if (thing.frames.length === 0) batch.refuse(() => `${field}.frames`, 'is empty');
    for (const [position, frame] of thing.frames.entries()) {
      const values = entries[index]?.[position] ?? [];
      addFrame(batch, thing.handle, frame.timestampMs, values, () => `${field}.frames[${position}]`);
    }
  }
  return batch.write(database);
}

function addFrame(
  batch: IngestBatch,
  handle: ThingHandle,
  timestamp: unknown,
  entries: readonly Entry[],
  field: InputPath,
): void {
  batch.countFrame(handle);
  const atMs = batch.instant(timestamp, () => `${field()}.timestamp`);
  if (entries.length === 0) batch.refuse(() => `${field()}.metrics`, 'is not an object with at least one metric');
  const seen = new Set<TelemetryMetric>();
  for (const [name, value] of entries) {
    const path = () => keyPath(`${field()}.metrics`, name);
    const metric = batch.metric(handle, name, path);
    if (metric === undefined) continue;
    if (seen.has(metric)) batch.refuse(path, 'names a metric that the frame already has in another spelling');
    else if (value === null || value === undefined) batch.refuse(path, 'is null: leave the metric out');
    // A value is looked at even where the instant is at fault, so that one answer names all that has to be repaired.
    else batch.add(handle, metric, atMs ?? 0, value, path);
    seen.add(metric);
  }
}

type Entry = readonly [name: string, value: unknown];

/** A frame comes from JSON, where `values` can be anything: what is no object has no entries. */
function entriesOf(frame: Frame): readonly Entry[] {
  const values: unknown = frame.values;
  return typeof values === 'object' && values !== null && !Array.isArray(values) ? Object.entries(values) : [];
}
