import { anyValue } from './segment-kind.js';

/** Most segments of a resource path. */
export const maxSegments = 16;

/** Most UTF-16 units of one segment. */
export const maxSegmentLength = 200;

/** Makes the error for a refused text; the reason never carries the text itself. */
export type Refuse = (reason: string) => Error;

/** Control characters, line and paragraph separators, halves of surrogate pairs. */
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u;

/**
 * Cuts a resource path at its slashes and checks what holds for every segment, whatever it means: not empty, at most
 * {@link maxSegmentLength} long, printable, `#` only alone, no `*`. Reads no further than {@link maxSegments} segments.
 *
 * @throws what `refuse` makes
 */
export function splitPath(text: string, refuse: Refuse): string[] {
  const segments: string[] = [];
  let start = 0;
  while (start <= text.length) {
    if (segments.length === maxSegments) throw refuse(`must have at most ${maxSegments} segments`);
    const slash = text.indexOf('/', start);
    const end = slash === -1 ? text.length : slash;
    const place = segments.length + 1;
    if (end - start > maxSegmentLength) throw refuse(`segment ${place} is longer than ${maxSegmentLength} characters`);
    const segment = text.slice(start, end);
    const fault = faultOf(segment);
    if (fault !== undefined) throw refuse(`segment ${place} ${fault}`);
    segments.push(segment);
    start = end + 1;
  }
  return segments;
}

function faultOf(segment: string): string | undefined {
  if (segment === '') return 'is empty';
  if (unprintable.test(segment)) return 'contains a control character or half a surrogate pair';
  if (segment === '*') return 'is "*", which stands only alone as the whole filter: use "#" for any one value';
  if (segment !== anyValue && segment.includes(anyValue)) return 'mixes "#" with other characters';
  return undefined;
}
