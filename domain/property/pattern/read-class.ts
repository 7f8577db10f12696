import { anyOf, type CharacterTest, character, except, range } from './character-test.js';
import type { PatternReader } from './pattern-reader.js';
import { readEscape } from './read-escape.js';

/**
 * Reads a class of characters after its `[`, e.g. `A-Za-z_]` or `^\s,]`. `[` is written `\[` in it, so that the flag `v`
 * of JavaScript reads the same.
 * @throws PatternFault
 */
export function readClass(reader: PatternReader): CharacterTest {
  const negated = reader.take('^');
  const tests: CharacterTest[] = [];
  while (!reader.take(']')) {
    const first = readItem(reader);
    const isRange = reader.peek() === '-' && reader.peek(1) !== ']' && reader.peek(1) !== undefined;
    if (isRange) {
      reader.take('-');
      tests.push(readRange(reader, first));
    } else {
      tests.push(typeof first === 'number' ? character(first) : first);
    }
  }
  if (tests.length === 0) throw reader.fault('contains an empty class');
  return negated ? except(anyOf(tests)) : anyOf(tests);
}

function readItem(reader: PatternReader): number | CharacterTest {
  if (reader.take('\\')) return readEscape(reader, true);
  if (reader.peek() === '[') throw reader.fault('must write [ inside a class as \\[');
  return reader.next().codePointAt(0) ?? 0;
}

function readRange(reader: PatternReader, first: number | CharacterTest): CharacterTest {
  const last = readItem(reader);
  if (typeof first !== 'number' || typeof last !== 'number') {
    throw reader.fault('contains a range that ends in a set of characters');
  }
  if (first > last) throw reader.fault('contains a range in reverse order');
  return range(first, last);
}
