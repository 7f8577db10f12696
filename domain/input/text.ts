import { invalidInput } from '../../errors/bulkhead-error.js';

/** Bounds of a text in characters (Unicode code points). */
export interface TextBounds {
  /** Default 1. */
  readonly min?: number;
  readonly max: number;
}

/** Control characters have no place in names and descriptions; tab and line breaks do. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

/** What shows nothing: white space, and format characters such as U+200B. */
const invisible = /^[\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cf}]*$/u;

/**
 * A text within its bounds, well-formed and without control characters (PostgreSQL refuses NUL, and would store two
 * different lone surrogates as the same character).
 * @throws BulkheadError BAD_USER_INPUT
 */
export function requireText(field: string, value: string | null | undefined, bounds: TextBounds): string {
  if (value === null || value === undefined) throw invalidInput(field, 'must not be null');
  const min = bounds.min ?? 1;
  if (!value.isWellFormed()) throw invalidInput(field, 'is not well-formed Unicode');
  if (controls.test(value)) throw invalidInput(field, 'contains a control character');
  // A string never has more code points than code units, so long ones are refused before they are counted.
  const length = value.length > bounds.max * 2 ? value.length : [...value].length;
  if (length < min || length > bounds.max) throw invalidInput(field, `must have ${min} to ${bounds.max} characters`);
  if (min > 0 && invisible.test(value)) throw invalidInput(field, 'must not be blank');
  return value;
}

/** A text within its bounds, or null; absent stays absent. */
export function optionalText<T extends null | undefined>(
  field: string,
  value: string | T,
  bounds: TextBounds,
): string | T {
  return value === null || value === undefined ? value : requireText(field, value, bounds);
}

/** An http or https address of at most 2,048 characters, or null; absent stays absent. */
export function optionalUrl<T extends null | undefined>(field: string, value: string | T): string | T {
  if (value === null || value === undefined) return value;
  const text = requireText(field, value, { max: 2048 });
  if (!URL.canParse(text) || !['http:', 'https:'].includes(new URL(text).protocol)) {
    throw invalidInput(field, 'must be an http or https address');
  }
  return text;
}

/** At most 50 labels of 1 to 50 characters, without repetitions. */
export function requireTags(field: string, tags: readonly string[]): string[] {
  if (tags.length > 50) throw invalidInput(field, 'must have at most 50 entries');
  return [...new Set(tags.map((tag, index) => requireText(`${field}[${index}]`, tag, { max: 50 })))];
}
