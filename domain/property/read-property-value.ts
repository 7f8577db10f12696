import { readDateTime } from '../../db/date-time.js';
import type { PropertyConstraints, PropertyDefinition, PropertyValueType } from '../../db/tables/definitions.js';
import { readInt64 } from './int64.js';
import { jsonFault } from './json-fault.js';
import { compilePattern } from './pattern/compile-pattern.js';
import { textFault } from './property-text.js';

/** Bytes of one JSON value at most. */
const maxJsonBytes = 4 * 1024;

/** A value in its canonical form, or why it was refused. A reason never repeats the value. */
export type PropertyReading = { readonly value: unknown } | { readonly reason: string };

/**
 * Brings a value to the canonical form of its type and checks it against its constraints.
 *
 * | type | accepted | canonical |
 * |------|----------|-----------|
 * | STRING | text of at most 1,000 characters, without control characters but tab and line breaks | as it came |
 * | INT | integers up to ±(2^53 − 1); decimal text within 64 bits | a number up to ±(2^53 − 1), beyond it decimal text |
 * | DOUBLE | finite numbers | as it came; no negative zero |
 * | BOOL | true, false | as it came |
 * | JSON | any JSON value up to 4 KiB and 64 levels, null too | as it came |
 * | DATETIME | RFC 3339 text with an offset | UTC with milliseconds |
 * | ENUM | one of the texts of `oneOf` | as it came |
 */
export function readPropertyValue(definition: PropertyDefinition, value: unknown): PropertyReading {
  if (value === null && definition.valueType !== 'JSON') return { reason: 'must not be null' };
  return readers[definition.valueType](value, definition.constraints);
}

type Reader = (value: unknown, constraints: PropertyConstraints) => PropertyReading;

const readers: Readonly<Record<PropertyValueType, Reader>> = {
  STRING: readString,
  INT: readInt,
  DOUBLE: readDouble,
  BOOL: (value) => (typeof value === 'boolean' ? { value } : { reason: 'must be true or false' }),
  JSON: readJson,
  DATETIME: readMoment,
  ENUM: (value, { oneOf }) =>
    typeof value === 'string' && oneOf?.includes(value) === true ? { value } : { reason: 'must be one of oneOf' },
};

function readString(value: unknown, { minLength, maxLength, pattern, oneOf }: PropertyConstraints): PropertyReading {
  if (typeof value !== 'string') return { reason: 'must be a text' };
  const fault = textFault(value);
  if (fault !== undefined) return { reason: fault };
  const { length } = [...value];
  if (minLength !== undefined && length < minLength) return { reason: `must have at least ${minLength} characters` };
  if (maxLength !== undefined && length > maxLength) return { reason: `must have at most ${maxLength} characters` };
  if (oneOf !== undefined && !oneOf.includes(value)) return { reason: 'must be one of oneOf' };
  if (pattern !== undefined && !compilePattern(pattern)(value)) return { reason: 'does not match the pattern' };
  return { value };
}

function readInt(value: unknown, constraints: PropertyConstraints): PropertyReading {
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) {
    return { reason: 'is beyond 2^53 as a number: send such integers as text' };
  }
  const isCandidate = typeof value === 'string' || Number.isSafeInteger(value);
  const integer = isCandidate ? readInt64(String(value)) : undefined;
  if (integer === undefined) return { reason: 'must be a 64-bit integer' };
  const fault = rangeFault(integer, constraints);
  if (fault !== undefined) return { reason: fault };
  const asNumber = Number(integer);
  return { value: Number.isSafeInteger(asNumber) ? asNumber : integer.toString() };
}

function readDouble(value: unknown, constraints: PropertyConstraints): PropertyReading {
  if (typeof value !== 'number' || !Number.isFinite(value)) return { reason: 'must be a finite number' };
  const fault = rangeFault(value, constraints);
  return fault === undefined ? { value: value === 0 ? 0 : value } : { reason: fault };
}

/** Bounds are doubles; JavaScript compares them with a bigint by their mathematical values. */
function rangeFault(value: number | bigint, { min, max }: PropertyConstraints): string | undefined {
  if (min !== undefined && value < min) return `must be at least ${min}`;
  return max !== undefined && value > max ? `must be at most ${max}` : undefined;
}

function readJson(value: unknown): PropertyReading {
  const reason = jsonFault(value, maxJsonBytes);
  return reason === undefined ? { value } : { reason };
}

function readMoment(value: unknown): PropertyReading {
  const moment = typeof value === 'string' ? readDateTime(value) : undefined;
  return moment === undefined ? { reason: 'must be an RFC 3339 date and time with an offset' } : { value: moment };
}
