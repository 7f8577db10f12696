import Big from 'big.js';
import { readDateTime } from '../../db/date-time.js';
import type { TimestampFormat } from './template-spec.js';

/** The largest moment of a Date, in milliseconds (ECMA-262, time values). */
const maxMs = 8.64e15;
/** A number as text; no exponent, which no clock writes. */
const numeral = /^[+-]?[0-9]{1,16}(?:\.[0-9]{1,20})?$/;

/** A moment, or why a value is none; the reason does not repeat the value. */
export type Timestamp = { readonly timestampMs: number } | { readonly reason: string };

/**
 * Reads the moment of a record as epoch milliseconds. Parts of a millisecond are cut off, towards the past.
 *
 * | format | accepted |
 * |---|---|
 * | EPOCH_MILLIS, EPOCH_SECONDS | a number, or its decimal text; fractions allowed |
 * | ISO8601 | text of RFC 3339 with an offset, at most nine digits of a second |
 */
export function readTimestamp(format: TimestampFormat, value: unknown): Timestamp {
  if (value === undefined || value === null) return { reason: 'has no timestamp' };
  if (format === 'ISO8601') {
    const text = typeof value === 'string' ? readDateTime(value) : undefined;
    if (text === undefined) return { reason: 'the timestamp is not ISO 8601 text with an offset' };
    return { timestampMs: Date.parse(text) };
  }
  const isNumber = typeof value === 'number' && Number.isFinite(value);
  if (!isNumber && !(typeof value === 'string' && numeral.test(value))) {
    return { reason: 'the timestamp is not a number' };
  }
  // Decimal arithmetic: seconds with a fraction are not exact as a binary number.
  const exact = new Big(value).times(format === 'EPOCH_SECONDS' ? 1000 : 1);
  const timestampMs = Math.floor(exact.round(3, Big.roundDown).toNumber());
  if (Math.abs(timestampMs) > maxMs) return { reason: 'the timestamp is beyond all calendars' };
  return { timestampMs };
}
