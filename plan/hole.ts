/**
 * A place in the JSON text of an answer that SQL leaves to be filled: U+0001, a letter, what belongs to it, U+0002.
 * JSON escapes control characters in strings, so no value can look like one.
 */
export const holeStart = '\u0001';
export const holeEnd = '\u0002';

/**
 * What a hole stands for:
 * `C` a cursor (`C<list>:<owner id>:<row id>`), `E` null and an error (`E<error>`), `T` telemetry of a thing
 * (`T<field>:<thing id>:<version id>`), `P` telemetry of a place (`P<field>:<thing id>/<version id>,…`), `X` what must
 * not happen: the answer is left to the resolvers.
 */
export type HoleKind = 'C' | 'E' | 'T' | 'P' | 'X';

/** The text of a hole without parts that come from rows. */
export function hole(kind: HoleKind, content = ''): string {
  return `${holeStart}${kind}${content}${holeEnd}`;
}

/** A hole of an answer. */
export interface Hole {
  readonly kind: HoleKind;
  readonly content: string;
}

/** The text of an answer around its holes: one text more than there are holes. */
export interface HoledText {
  readonly texts: readonly string[];
  readonly holes: readonly Hole[];
}

/** Takes an answer apart at its holes. */
export function splitAtHoles(answer: string): HoledText {
  const [first = '', ...others] = answer.split(holeStart);
  const texts = [first];
  const holes: Hole[] = [];
  for (const part of others) {
    const end = part.indexOf(holeEnd);
    holes.push({ kind: part.charAt(0) as HoleKind, content: part.slice(1, end) });
    texts.push(part.slice(end + 1));
  }
  return { texts, holes };
}
