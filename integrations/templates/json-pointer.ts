/** A JSON pointer, read into the names and positions that lead to its value. */
export type JsonPointer = readonly string[];

/** Steps of a pointer at most. */
export const maxPointerSteps = 32;

/** UTF-16 units of a pointer at most. */
export const maxPointerLength = 512;

/*
 * Own lines, because the libraries either walk into inherited properties (`/constructor` of an empty object), refuse names
 * that a document may have, or throw where nothing is found, which is the usual case here a hundred thousand times a call.
 */

/**
 * Reads a JSON pointer (RFC 6901, section 3), without its form as a fragment of a URI.
 * @returns undefined for a text that is none, or that passes the limits
 */
export function parseJsonPointer(text: string): JsonPointer | undefined {
  if (text === '') return [];
  if (!text.startsWith('/') || text.length > maxPointerLength || /~(?![01])/.test(text)) return undefined;
  const steps = text.slice(1).split('/');
  if (steps.length > maxPointerSteps) return undefined;
  return steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/**
 * The value that a pointer leads to (RFC 6901, section 4); undefined where there is none.
 * @param document a JSON value: own properties alone count
 */
export function readJsonPointer(pointer: JsonPointer, document: unknown): unknown {
  let value = document;
  for (const step of pointer) {
    if (typeof value !== 'object' || value === null) return undefined;
    if (Array.isArray(value)) {
      // Positions have no leading zeros; `-`, the place after the last entry, never has a value.
      if (!/^(?:0|[1-9][0-9]*)$/.test(step)) return undefined;
      value = value[Number(step)];
    } else {
      if (!Object.hasOwn(value, step)) return undefined;
      value = (value as Readonly<Record<string, unknown>>)[step];
    }
  }
  return value;
}
