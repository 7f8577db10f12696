import { createReadStream } from 'node:fs';
import { parse } from 'csv-parse';
import type { ZoneTime } from '../../domain/input/zone-time.js';
import { UsageMistake } from '../usage-mistake.js';
import { readTimestamp } from './read-timestamp.js';

/** How the file is to be understood. */
export interface RowFormat {
  readonly timestampColumn: string;
  readonly valueColumn: string;
  /** Zone of times without an offset. */
  readonly zone: ZoneTime;
  /** Whole days added to every time; may be negative. */
  readonly shiftDays: number;
}

/** One row of the file: a reading, or why it is none. */
export interface ReadRow {
  /** Number of the row in the file, 1 for the first after the header. */
  readonly row: number;
  /** Bytes of the file read so far. */
  readonly bytesRead: number;
  readonly reading: { readonly atMs: number; readonly value: string } | { readonly reason: string };
}

const dayMs = 86_400_000;

/**
 * Reads the rows of a CSV file with a header (RFC 4180, UTF-8), in their order.
 * @throws UsageMistake when a column is missing, or the file is no CSV
 */
export async function* readRows(file: string, format: RowFormat): AsyncGenerator<ReadRow> {
  const source = createReadStream(file);
  const parser = source.pipe(parse({ bom: true, skip_empty_lines: true, relax_column_count: true, trim: true }));
  source.once('error', (error) => parser.destroy(error));
  let columns: Columns | undefined;
  let row = 0;
  try {
    for await (const record of parser as AsyncIterable<string[]>) {
      if (columns === undefined) {
        columns = findColumns(record, format);
        continue;
      }
      row += 1;
      yield { row, bytesRead: source.bytesRead, reading: readReading(record, columns, format) };
    }
  } catch (error) {
    throw (error as { code?: string }).code?.startsWith('CSV_') === true
      ? new UsageMistake(`${file} is no CSV: ${(error as Error).message}`)
      : error;
  } finally {
    source.destroy();
  }
  if (columns === undefined) throw new UsageMistake(`${file} is empty: its first line has to name the columns.`);
}

interface Columns {
  readonly timestamp: number;
  readonly value: number;
  readonly count: number;
}

function findColumns(header: readonly string[], format: RowFormat): Columns {
  const find = (name: string, option: string) => {
    const index = header.findIndex((column) => column.toLowerCase() === name.toLowerCase());
    if (index >= 0) return index;
    const present = header.map((column) => JSON.stringify(column)).join(', ');
    throw new UsageMistake(`The file has no column ${JSON.stringify(name)}: name one of ${present} with ${option}.`);
  };
  const timestamp = find(format.timestampColumn, '--timestamp-column');
  return { timestamp, value: find(format.valueColumn, '--value-column'), count: header.length };
}

function readReading(record: readonly string[], columns: Columns, format: RowFormat): ReadRow['reading'] {
  if (record.length !== columns.count) {
    return { reason: `the row has ${record.length} cells for ${columns.count} columns` };
  }
  const timestamp = readTimestamp(record[columns.timestamp] ?? '', format.zone);
  if ('reason' in timestamp) return timestamp;
  const value = record[columns.value] ?? '';
  if (value === '') return { reason: 'the value is empty' };
  return { atMs: timestamp.atMs + format.shiftDays * dayMs, value };
}
