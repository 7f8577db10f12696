import { coerceJson } from './coerce-json.js';
import type { MetricDataType } from './metric.js';

/** UTF-16 code units of a STRING value at most. */
export const maxStringLength = 4096;

/** Digits (with sign, point and exponent) of a number given as a string at most; longer ones say nothing more. */
const maxNumeralLength = 400;

/** The text that PostgreSQL reads for a value, or why it was refused. A reason never repeats the value. */
export type Coercion = { readonly text: string } | { readonly reason: string };

/**
 * Coerces a value as it came to the declared type of its metric.
 *
 * | type   | accepted | refused |
 * |--------|----------|---------|
 * | INT    | integers up to ±(2^53 − 1) as numbers; decimal strings within 64 bits | fractions, larger numbers, booleans |
 * | DOUBLE | finite numbers; strings like `-1.5e3` | hexadecimal, empty, `NaN`, `Infinity`, out of range, booleans |
 * | STRING | strings up to 4,096 UTF-16 units; numbers and booleans as their JSON text | U+0000, lone surrogates, objects |
 * | BOOL   | booleans; 0 and 1; `true`, `false`, `1`, `0` in any case | everything else |
 * | JSON   | any JSON value up to 16 KiB and 64 levels; a string is taken as JSON text | U+0000, integers beyond 2^53 − 1 |
 *
 * Null is no value: it is refused for every type but JSON.
 */
export function coerceValue(dataType: MetricDataType, input: unknown): Coercion {
  return coercions[dataType](input);
}

const coercions: Readonly<Record<MetricDataType, (input: unknown) => Coercion>> = {
  INT: coerceInt,
  DOUBLE: coerceDouble,
  STRING: coerceString,
  BOOL: coerceBool,
  JSON: coerceJson,
};

function coerceInt(input: unknown): Coercion {
  if (typeof input === 'number') {
    if (Number.isSafeInteger(input)) return { text: String(input) };
    if (Number.isInteger(input)) return { reason: 'is beyond 2^53 as a number: send such integers as strings' };
    return { reason: 'is not an integer' };
  }
  if (typeof input !== 'string' || input.length > maxNumeralLength || !/^[+-]?[0-9]+$/.test(input)) {
    return { reason: 'is not an integer' };
  }
  const value = BigInt(input);
  if (BigInt.asIntN(64, value) !== value) return { reason: 'is not within 64 bits' };
  return { text: value.toString() };
}

function coerceDouble(input: unknown): Coercion {
  const isNumeral =
    typeof input === 'string' &&
    input.length <= maxNumeralLength &&
    /^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$/.test(input);
  if (typeof input !== 'number' && !isNumeral) return { reason: 'is not a number' };
  const value = Number(input);
  if (!Number.isFinite(value)) return { reason: 'is not a finite number' };
  return { text: String(value) };
}

function coerceString(input: unknown): Coercion {
  if (typeof input === 'number' && !Number.isFinite(input)) return { reason: 'is not a finite number' };
  if (typeof input !== 'string' && typeof input !== 'number' && typeof input !== 'boolean') {
    return { reason: 'is not a string' };
  }
  const text = String(input);
  if (text.length > maxStringLength) return { reason: `is longer than ${maxStringLength} characters` };
  if (text.includes('\0')) return { reason: 'contains the character U+0000' };
  if (/\p{Surrogate}/u.test(text)) return { reason: 'is not well-formed Unicode' };
  return { text };
}

function coerceBool(input: unknown): Coercion {
  const word = typeof input === 'string' ? input.toLowerCase() : input;
  if (word === true || word === 1 || word === 'true' || word === '1') return { text: 'true' };
  if (word === false || word === 0 || word === 'false' || word === '0') return { text: 'false' };
  return { reason: 'is not a boolean' };
}
