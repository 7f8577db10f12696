import type { ZoneTime } from '../../domain/input/zone-time.js';

/** A moment, or why a text is none. */
export type ReadTimestamp = { readonly atMs: number } | { readonly reason: string };

/** Epoch milliseconds of 2001 and later, so that seconds are not taken for them. */
const epochMillis = /^[0-9]{12,15}$/;
const dateAndTime =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?$/i;

/**
 * Reads a timestamp of a CSV file: ISO 8601 date and time with `T` or a blank between, with `Z` or an offset, or without,
 * which is then local time of the given zone; or milliseconds since 1970. Digits beyond milliseconds are cut.
 */
export function readTimestamp(text: string, zone: ZoneTime): ReadTimestamp {
  if (epochMillis.test(text)) return { atMs: Number(text) };
  const match = dateAndTime.exec(text);
  if (match === null) return { reason: 'the timestamp is no ISO 8601 date and time, nor milliseconds since 1970' };
  const [, year, month, day, hour, minute, second, fraction = '', offset] = match;
  const local = {
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour ?? 0),
    minute: Number(minute ?? 0),
    second: Number(second ?? 0),
    millisecond: Number(fraction.slice(0, 3).padEnd(3, '0')),
  };
  const { millisecond } = local;
  const asUtc = Date.UTC(local.year, local.month - 1, local.day, local.hour, local.minute, local.second, millisecond);
  // The calendar rolls 31 February over into March: what comes back has to be what was written.
  const written = [local.year, local.month, local.day, local.hour, local.minute, local.second];
  const moment = new Date(asUtc);
  const rolled = [
    moment.getUTCFullYear(),
    moment.getUTCMonth() + 1,
    moment.getUTCDate(),
    moment.getUTCHours(),
    moment.getUTCMinutes(),
    moment.getUTCSeconds(),
  ];
  if (written.some((part, index) => part !== rolled[index]))
    return { reason: 'the timestamp is no date of the calendar' };
  if (offset !== undefined) return { atMs: asUtc - offsetMinutes(offset) * 60_000 };
  const atMs = zone.toMillis(local);
  return atMs === undefined ? { reason: 'clocks of the time zone skipped this local time' } : { atMs };
}

function offsetMinutes(offset: string): number {
  if (/^z$/i.test(offset)) return 0;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(3).replace(':', '') || 0);
  return offset.startsWith('-') ? -minutes : minutes;
}
