import { holdsInexactNumber, inexactNumberReason } from '../../db/inexact-number.js';

/** Levels of arrays and objects inside each other at most: deeper ones cannot be serialized safely in an answer. */
const maxDepth = 64;

/**
 * Why a value cannot be stored as JSON, in words; undefined when it can. PostgreSQL's jsonb refuses U+0000 and lone
 * surrogates; numbers that a double cannot keep would silently be changed.
 * @param maxBytes bytes of UTF-8 of its JSON text at most
 */
export function jsonFault(value: unknown, maxBytes: number): string | undefined {
  const fault = faultBelow(value, maxDepth);
  if (fault !== undefined) return fault;
  return Buffer.byteLength(JSON.stringify(value)) > maxBytes
    ? `must be at most ${maxBytes / 1024} KiB of JSON`
    : undefined;
}

function faultBelow(value: unknown, levels: number): string | undefined {
  if (value === null || typeof value === 'boolean') return undefined;
  if (typeof value === 'string') return textFault(value);
  if (typeof value === 'number') return holdsInexactNumber(value) ? inexactNumberReason : undefined;
  if (typeof value !== 'object') return 'is not a JSON value';
  if (levels === 0) return `nests deeper than ${maxDepth} levels`;
  for (const [name, item] of Object.entries(value)) {
    const fault = textFault(name) ?? faultBelow(item, levels - 1);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function textFault(text: string): string | undefined {
  if (text.includes('\0')) return 'contains the character U+0000';
  return text.isWellFormed() ? undefined : 'is not well-formed Unicode';
}
