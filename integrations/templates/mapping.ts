import { BulkheadError } from '../../errors/bulkhead-error.js';
import { maxFrames, maxValues } from '../../telemetry/ingest-batch.js';
import { jsonSize, maxValueBytes } from './json-size.js';

/** A value for a metric, before it is fitted to the metric's data type. */
export interface MappedField {
  readonly metricId: string;
  readonly value: unknown;
  /** Whether the record is left out as a whole if the value does not fit. */
  readonly isRequired?: boolean;
}

/** A record that a template made of a part of a document. */
export interface MappedRecord {
  /** Position in the document, from 0. */
  readonly index: number;
  readonly timestampMs: number;
  readonly fields: readonly MappedField[];
}

/** A record that was left out. */
export interface SkippedRecord {
  /** Position in the document, from 0; null for the document as a whole. */
  readonly index: number | null;
  readonly reason: string;
  /** JSON text of what was at fault, cut after 200 characters; null where nothing was there. */
  readonly value: string | null;
}

/** Records that are shown at most of those that were left out. */
const maxSkipped = 100;
/** Metrics without a value, and pairs of metric and reason, that are counted at most. */
const maxCounted = 200;
/** Characters of a value that is shown at most. */
const maxShown = 200;
/** Bytes of JSON of all values together at most. */
const maxTotalBytes = 2 * 1024 * 1024;

const tooMuch = (reason: string) =>
  new BulkheadError('BAD_USER_INPUT', `Nothing was written. input.document: ${reason}`, {
    field: 'input.document',
    errors: [{ field: 'input.document', reason }],
  });

/** What a template made of one document, with a report of all that it left out. Grows while the document is read. */
export class Mapping {
  readonly records: MappedRecord[] = [];
  readonly recordsSkipped: SkippedRecord[] = [];
  #recordsParsed = 0;
  #recordsSkippedOmitted = 0;
  #fieldsOmitted = 0;
  readonly #missing = new Map<string, number>();
  readonly #invalid = new Map<string, { readonly metricId: string; readonly reason: string; count: number }>();
  #values = 0;
  #bytes = 0;

  /**
   * Says how many records the document has.
   * @throws BulkheadError BAD_USER_INPUT above 1,000
   */
  expect(records: number): void {
    if (records > maxFrames) throw tooMuch(`has ${records} records; one call takes at most ${maxFrames}`);
    this.#recordsParsed = records;
  }

  /**
   * Adds a record.
   * @throws BulkheadError BAD_USER_INPUT once all records have more than 10,000 values
   */
  add(record: MappedRecord): void {
    this.#values += record.fields.length;
    if (this.#values > maxValues) throw tooMuch(`has more than ${maxValues} values, the most of one call`);
    this.records.push(record);
  }

  /** Leaves a record out. */
  skip(index: number | null, reason: string, value?: unknown): void {
    if (this.recordsSkipped.length >= maxSkipped) this.#recordsSkippedOmitted += 1;
    else this.recordsSkipped.push({ index, reason, value: shown(value) });
  }

  /** Counts a value that was not there. */
  missing(metricId: string): void {
    const count = this.#missing.get(metricId) ?? 0;
    if (count > 0 || this.#missing.size < maxCounted) this.#missing.set(metricId, count + 1);
    else this.#fieldsOmitted += 1;
  }

  /** Counts a value that does not fit. */
  invalid(metricId: string, reason: string): void {
    const key = `${metricId} ${reason}`;
    const known = this.#invalid.get(key);
    if (known !== undefined) known.count += 1;
    else if (this.#invalid.size < maxCounted) this.#invalid.set(key, { metricId, reason, count: 1 });
    else this.#fieldsOmitted += 1;
  }

  /**
   * Why a value cannot be taken because of its size; undefined for one that can.
   * @throws BulkheadError BAD_USER_INPUT once all values have more than 2 MiB
   */
  oversize(value: unknown): string | undefined {
    const size = jsonSize(value);
    this.#bytes += Math.min(size, maxValueBytes);
    if (this.#bytes > maxTotalBytes) throw tooMuch('has more than 2 MiB of values, the most of one call');
    return size > maxValueBytes ? 'is longer than 16 KiB' : undefined;
  }

  /** The report as it stands. */
  get report() {
    return {
      recordsParsed: this.#recordsParsed,
      recordsSkipped: this.recordsSkipped,
      recordsSkippedOmitted: this.#recordsSkippedOmitted,
      fieldsSkippedMissing: [...this.#missing].map(([metricId, count]) => ({ metricId, count })),
      fieldsInvalid: [...this.#invalid.values()],
      fieldsOmitted: this.#fieldsOmitted,
    };
  }
}

/** JSON text of a value, cut; whole only of values that are small. */
function shown(value: unknown): string | null {
  if (value === undefined) return null;
  if (typeof value !== 'string' && jsonSize(value) > maxValueBytes) return '…';
  const text = JSON.stringify(typeof value === 'string' ? value.slice(0, maxShown) : value);
  return [...text].slice(0, maxShown).join('');
}
