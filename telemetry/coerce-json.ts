import { holdsInexactNumber, inexactNumberReason } from '../db/inexact-number.js';

/** Bytes of UTF-8 of a JSON value at most. */
export const maxJsonBytes = 16_384;

/** Levels of arrays and objects inside each other at most: deeper ones cannot be serialized safely in an answer. */
export const maxJsonDepth = 64;

/** `\u0000` as JSON writes it, and not a backslash followed by the letters `u0000`. */
const escapedNul = /(?<!\\)(?:\\\\)*\\u0000/;

const tooLong = { reason: `is longer than ${maxJsonBytes} bytes` };

/**
 * Brings the value of a JSON metric to the text that is stored. A string is JSON text and is kept as it came; any other
 * value is serialized. Numbers that an answer could not repeat are refused in both.
 */
export function coerceJson(input: unknown): { readonly text: string } | { readonly reason: string } {
  const isText = typeof input === 'string';
  // Before parsing: the cost of a refusal is bounded too. A character is at least one byte.
  if (isText && input.length > maxJsonBytes) return tooLong;
  try {
    const value: unknown = isText ? JSON.parse(input) : input;
    // A null is no value: what was not reported is left out.
    if (value === null) return { reason: 'is null' };
    if (isDeeperThan(value, maxJsonDepth)) return { reason: `nests deeper than ${maxJsonDepth} levels` };
    if (holdsInexactNumber(value)) return { reason: inexactNumberReason };
    const text = isText ? input : JSON.stringify(input);
    if (text === undefined) return { reason: 'is not a JSON value' };
    if (Buffer.byteLength(text) > maxJsonBytes) return tooLong;
    if (escapedNul.test(text)) return { reason: 'contains the character U+0000' };
    if (/\p{Surrogate}/u.test(text)) return { reason: 'is not well-formed Unicode' };
    return { text };
  } catch {
    return { reason: isText ? 'is a string that is not JSON text' : 'is not a JSON value' };
  }
}

/** Whether a JSON value has arrays and objects inside each other for more levels than these. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((item) => isDeeperThan(item, levels - 1));
}
