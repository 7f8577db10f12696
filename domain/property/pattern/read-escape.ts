import { type CharacterTest, except, native, range } from './character-test.js';
import type { PatternReader } from './pattern-reader.js';

const controlCharacters: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13 };
const word = native('\\w');
const space = native('\\s');
const digit = range(0x30, 0x39);
const sets: Readonly<Record<string, CharacterTest>> = {
  d: digit,
  D: except(digit),
  w: word,
  W: except(word),
  s: space,
  S: except(space),
};

/**
 * Reads what follows a backslash: one character as its code point, or a set of characters as its test.
 * @param inClass inside brackets, where `\-` is allowed
 * @throws PatternFault for back references, word boundaries and whatever JavaScript does not know with the flag `u`
 */
export function readEscape(reader: PatternReader, inClass: boolean): number | CharacterTest {
  const letter = reader.next();
  const set = sets[letter];
  if (set !== undefined) return set;
  const control = controlCharacters[letter];
  if (control !== undefined) return control;
  if ('^$\\.*+?()[]{}|/'.includes(letter) || (inClass && letter === '-')) return letter.charCodeAt(0);
  if (letter === 'p' || letter === 'P') return readProperty(reader, letter);
  if (letter === 'x' || letter === 'u') return readCode(reader, letter);
  if (/[0-9k]/.test(letter)) throw reader.fault('must not contain back references or \\0');
  if (/[bB]/.test(letter)) throw reader.fault('must not contain word boundaries');
  throw reader.fault('contains an unknown escape');
}

function readProperty(reader: PatternReader, letter: string): CharacterTest {
  const expression = reader.match(/\{[A-Za-z0-9_=]{1,60}\}/y)?.[0];
  try {
    if (expression !== undefined) return native(`\\${letter}${expression}`);
  } catch {
    throw reader.fault('contains an unknown Unicode property');
  }
  throw reader.fault(`must name a Unicode property after \\${letter}, such as \\p{L}`);
}

function readCode(reader: PatternReader, letter: string): number {
  const form = letter === 'x' ? /([0-9A-Fa-f]{2})/y : /(?:([0-9A-Fa-f]{4})|\{([0-9A-Fa-f]{1,6})\})/y;
  const found = reader.match(form);
  const code = Number.parseInt(found?.[1] ?? found?.[2] ?? '', 16);
  // Halves of surrogate pairs cannot occur in a text that is stored.
  if (!(code <= 0x10ffff) || (code >= 0xd800 && code <= 0xdfff))
    throw reader.fault('contains no character by its code');
  return code;
}
