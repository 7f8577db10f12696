import { PatternFault } from './pattern-fault.js';

/** The text of a pattern and how far it was read, in characters (code points). */
export class PatternReader {
  readonly #characters: readonly string[];
  #position = 0;

  constructor(source: string) {
    this.#characters = [...source];
  }

  /** The next character, or one after it, without reading it; undefined behind the end. */
  peek(ahead = 0): string | undefined {
    return this.#characters[this.#position + ahead];
  }

  /** Reads the text if it comes next, and tells whether it did. */
  take(text: string): boolean {
    const expected = [...text];
    if (!expected.every((character, index) => this.peek(index) === character)) return false;
    this.#position += expected.length;
    return true;
  }

  /** Reads the next character. @throws PatternFault at the end */
  next(): string {
    const character = this.peek();
    if (character === undefined) throw this.fault('ends too early');
    this.#position += 1;
    return character;
  }

  /** Reads what the form (anchored by the flag `y`) matches next; undefined if it does not match. */
  match(form: RegExp): RegExpExecArray | undefined {
    form.lastIndex = 0;
    const found = form.exec(this.#characters.slice(this.#position).join(''));
    if (found === null) return undefined;
    this.#position += [...found[0]].length;
    return found;
  }

  /** A fault at the place that was reached. */
  fault(reason: string): PatternFault {
    return new PatternFault(`${reason} (at character ${Math.min(this.#position + 1, this.#characters.length)})`);
  }
}
