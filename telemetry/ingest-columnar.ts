import type { AcceptedWindow } from './accepted-window.js';
import { IngestBatch, type IngestResult, requireIngestSize } from './ingest-batch.js';
import type { InputPath } from './input-path.js';
import type { TelemetryMetric } from './metric.js';
import type { TelemetryDatabase } from './telemetry-database.js';
import type { ThingHandle } from './thing-handle.js';

/** A table of readings of one thing. The same thing may come more than once in a call. */
export interface ColumnsOfThing {
  readonly handle: ThingHandle;
  /** Two or more: `timestamp` exactly once, and metric names, all in any case and each once. */
  readonly columns: readonly string[];
  /** One or more, each as long as `columns`. Null = not reported; a row has at least one value. */
  readonly rows: readonly (readonly unknown[])[];
  /** Path of this entry in the caller's input, for faults. Default `input.things[i]`. */
  readonly field?: string;
}

const timestampColumn = 'timestamp';

/**
 * Writes tables of readings: like `ingestFrames`, with each row as a frame, for wide or voluminous payloads.
 * @throws BulkheadError UNKNOWN_METRIC or BAD_USER_INPUT, with every fault (100 at most) and its path
 */
export async function ingestColumnar(
  database: TelemetryDatabase,
  things: readonly ColumnsOfThing[],
  window: AcceptedWindow,
): Promise<IngestResult> {
  const rows = things.flatMap((thing) => thing.rows);
  requireIngestSize(
    database,
    things.map((thing) => thing.handle),
    { frames: rows.length, values: rows.reduce((sum, row) => sum + countValues(row), 0) },
  );
  const batch = new IngestBatch(window);
  for (const [index, thing] of things.entries()) addTable(batch, thing, thing.field ?? `input.things[${index}]`);
  return batch.write(database);
}

/** Values of a row; the timestamp, which every row has, is none. */
function countValues(row: readonly unknown[]): number {
  return Math.max(0, row.filter(isReported).length - 1);
}

function isReported(cell: unknown): boolean {
  return cell !== null && cell !== undefined;
}

function addTable(batch: IngestBatch, thing: ColumnsOfThing, field: string): void {
  if (thing.rows.length === 0) batch.refuse(() => `${field}.rows`, 'is empty');
  const header = readHeader(batch, thing, `${field}.columns`);
  if (header === undefined) return;
  for (const [position, row] of thing.rows.entries()) {
    addRow(batch, thing.handle, header, row, () => `${field}.rows[${position}]`);
  }
}

interface Header {
  readonly timeIndex: number;
  /** The metric of each column; undefined for the timestamp and for unknown names. */
  readonly metrics: readonly (TelemetryMetric | undefined)[];
}

function readHeader(batch: IngestBatch, thing: ColumnsOfThing, field: string): Header | undefined {
  if (thing.columns.length < 2) batch.refuse(() => field, `needs ${timestampColumn} and at least one metric`);
  const seen = new Set<string>();
  const metrics = thing.columns.map((column, index) => {
    const name = column.toLowerCase();
    if (seen.has(name)) batch.refuse(() => `${field}[${index}]`, 'is in an earlier column already');
    seen.add(name);
    return name === timestampColumn ? undefined : batch.metric(thing.handle, column, () => `${field}[${index}]`);
  });
  const timeIndex = thing.columns.findIndex((column) => column.toLowerCase() === timestampColumn);
  if (timeIndex >= 0) return { timeIndex, metrics };
  batch.refuse(() => field, `needs the column ${timestampColumn}`);
  return undefined;
}

function addRow(
  batch: IngestBatch,
  handle: ThingHandle,
  { timeIndex, metrics }: Header,
  row: readonly unknown[],
  field: InputPath,
): void {
  batch.countFrame(handle);
  if (row.length !== metrics.length) {
    batch.refuse(field, `has ${row.length} cells for ${metrics.length} columns`);
    return;
  }
  const atMs = batch.instant(row[timeIndex], () => `${field()}[${timeIndex}]`);
  if (!row.some((cell, index) => index !== timeIndex && isReported(cell))) batch.refuse(field, 'has no value');
  for (const [index, metric] of metrics.entries()) {
    const cell = row[index];
    if (metric === undefined || !isReported(cell)) continue;
    // A value is looked at even where the instant is at fault, so that one answer names all that has to be repaired.
    batch.add(handle, metric, atMs ?? 0, cell, () => `${field()}[${index}]`);
  }
}
