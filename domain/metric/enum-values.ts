import type { EnumValue } from '../../db/tables/definitions.js';
import { invalidInput } from '../../errors/bulkhead-error.js';
import { requireText } from '../input/text.js';
import { readInt64 } from '../property/int64.js';

/** Codes of one metric at most. */
const maxEnumValues = 500;

/**
 * Codes with their meanings: 1 to 500 of them, each code a 64-bit integer brought to plain decimal text, each once, each
 * label 1 to 100 characters.
 * @throws BulkheadError BAD_USER_INPUT that names the entry
 */
export function requireEnumValues(field: string, values: readonly EnumValue[]): EnumValue[] {
  if (values.length < 1 || values.length > maxEnumValues) {
    throw invalidInput(field, `must have 1 to ${maxEnumValues} entries`);
  }
  const seen = new Set<string>();
  return values.map((value, index) => {
    const code = readInt64(value.code)?.toString();
    if (code === undefined) throw invalidInput(`${field}[${index}].code`, 'must be a 64-bit integer as decimal text');
    if (seen.has(code)) throw invalidInput(`${field}[${index}].code`, 'repeats the code of an earlier entry');
    seen.add(code);
    return { code, label: requireText(`${field}[${index}].label`, value.label, { max: 100 }) };
  });
}

/**
 * The same for a metric that has codes: readings were stored under them, so none may go; meanings may change.
 * @throws BulkheadError BAD_USER_INPUT
 */
export function changeEnumValues(
  field: string,
  before: readonly EnumValue[] | null,
  values: readonly EnumValue[],
): EnumValue[] {
  const after = requireEnumValues(field, values);
  const kept = new Set(after.map(({ code }) => code));
  const missing = (before ?? []).filter(({ code }) => !kept.has(code)).length;
  if (missing > 0) {
    throw invalidInput(field, `must keep every code of the metric: ${missing} of ${before?.length ?? 0} are missing`);
  }
  return after;
}
