import { type JsonPointer, parseJsonPointer, readJsonPointer } from './json-pointer.js';
import type { MappedField, Mapping } from './mapping.js';
import { readTimestamp } from './read-timestamp.js';
import type { JsonPointerSpec } from './template-spec.js';
import { transformValue } from './transform-value.js';

type FieldSpec = JsonPointerSpec['mappings'][number];
type CompiledField = Omit<FieldSpec, 'pointer'> & { readonly steps: JsonPointer };

/**
 * Reads a document by the pointers of a spec, into records and a report.
 * @throws BulkheadError BAD_USER_INPUT for a document with more than one call takes
 */
export function mapRecords(spec: JsonPointerSpec, document: unknown, mapping: Mapping): void {
  const { recordsPointer, timestamp } = spec;
  const found = recordsPointer === undefined ? [document] : readJsonPointer(stepsOf(recordsPointer), document);
  if (!Array.isArray(found)) {
    mapping.skip(null, 'recordsPointer leads to no list', found);
    return;
  }
  mapping.expect(found.length);
  const timestampSteps = stepsOf(timestamp.pointer);
  const fields = spec.mappings.map(({ pointer, ...rest }) => ({ ...rest, steps: stepsOf(pointer) }));
  for (const [index, record] of found.entries()) {
    const value = readJsonPointer(timestampSteps, record);
    const moment = readTimestamp(timestamp.format, value);
    if ('reason' in moment) mapping.skip(index, moment.reason, value);
    else mapRecord(index, moment.timestampMs, record, fields, mapping);
  }
}

function mapRecord(
  index: number,
  timestampMs: number,
  record: unknown,
  specs: readonly CompiledField[],
  mapping: Mapping,
): void {
  const fields: MappedField[] = [];
  let skipped: { readonly reason: string; readonly value?: unknown } | undefined;
  for (const spec of specs) {
    const { metricId } = spec;
    const raw = readJsonPointer(spec.steps, record);
    if (raw === undefined || raw === null) {
      if (spec.default !== undefined) fields.push({ metricId, value: spec.default });
      else mapping.missing(metricId);
      if (spec.required === true) skipped ??= { reason: `has no value for ${metricId}, which is required` };
      continue;
    }
    const oversize = mapping.oversize(raw);
    const transformed = oversize === undefined ? transformValue(raw, spec) : { reason: oversize };
    if ('value' in transformed) {
      fields.push({ metricId, value: transformed.value, ...(spec.required === true ? { isRequired: true } : {}) });
      continue;
    }
    mapping.invalid(metricId, transformed.reason);
    if (spec.required === true) {
      skipped ??= { reason: `the value for ${metricId}, which is required, ${transformed.reason}`, value: raw };
    }
  }
  if (skipped !== undefined) mapping.skip(index, skipped.reason, skipped.value);
  else if (fields.length === 0) mapping.skip(index, 'has no value');
  else mapping.add({ index, timestampMs, fields });
}

/** The steps of a pointer that was checked with its spec. */
function stepsOf(pointer: string): JsonPointer {
  const steps = parseJsonPointer(pointer);
  if (steps === undefined) throw new Error('a pointer of a checked spec is none');
  return steps;
}
