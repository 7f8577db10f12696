import { character, native, remembering } from './character-test.js';
import type { PatternNode } from './pattern-node.js';
import { PatternReader } from './pattern-reader.js';
import { readClass } from './read-class.js';
import { readEscape } from './read-escape.js';

/** Repetitions that `{…}` may ask for at most; the automaton has its own bound on what they multiply to. */
const maxRepetitions = 1000;

const anyButLineBreak = native('.');

/**
 * Reads a pattern: the regular expressions of JavaScript (flag `u`) that are regular in the strict sense, which can be
 * matched in linear time. That is: characters, `.`, classes `[…]`, `\d \w \s \p{…}` and their opposites, groups `(…)`
 * and `(?:…)`, `|`, the quantifiers `* + ? {n} {n,} {n,m}` (lazy ones too: they match the same texts). `^` and `$` may
 * stand at the ends of the whole, where they change nothing.
 *
 * Not: back references, lookahead and lookbehind, named groups, word boundaries, empty alternatives.
 * @throws PatternFault
 */
export function parsePattern(source: string): PatternNode {
  const reader = new PatternReader(source);
  const node = readChoice(reader, 0);
  if (reader.peek() !== undefined) throw reader.fault('contains a ) without its (');
  return node;
}

function readChoice(reader: PatternReader, depth: number): PatternNode {
  const options = [readSequence(reader, depth)];
  while (reader.take('|')) options.push(readSequence(reader, depth));
  return { kind: 'choice', options };
}

function readSequence(reader: PatternReader, depth: number): PatternNode {
  const parts: PatternNode[] = [];
  if (depth === 0) reader.take('^');
  while (!endsSequence(reader.peek())) {
    if (depth === 0 && reader.peek() === '$' && (reader.peek(1) === undefined || reader.peek(1) === '|')) {
      reader.take('$');
      break;
    }
    parts.push(readQuantified(reader, depth));
  }
  if (parts.length === 0) throw reader.fault('contains an empty alternative: use ? for what may be absent');
  return { kind: 'sequence', parts };
}

function endsSequence(next: string | undefined): boolean {
  return next === undefined || next === '|' || next === ')';
}

function readQuantified(reader: PatternReader, depth: number): PatternNode {
  const body = readAtom(reader, depth);
  const bounds = readQuantifier(reader);
  if (bounds === undefined) return body;
  reader.take('?');
  return { kind: 'repeat', body, ...bounds };
}

function readQuantifier(reader: PatternReader): { min: number; max: number } | undefined {
  if (reader.take('*')) return { min: 0, max: Number.POSITIVE_INFINITY };
  if (reader.take('+')) return { min: 1, max: Number.POSITIVE_INFINITY };
  if (reader.take('?')) return { min: 0, max: 1 };
  const found = reader.match(/\{([0-9]{1,4})(?:(,)([0-9]{0,4}))?\}/y);
  if (found === undefined) return undefined;
  const min = Number(found[1]);
  const max = found[2] === undefined ? min : found[3] ? Number(found[3]) : Number.POSITIVE_INFINITY;
  const last = max === Number.POSITIVE_INFINITY ? min : max;
  if (last > maxRepetitions) throw reader.fault(`must not repeat more than ${maxRepetitions} times`);
  if (max < min || max === 0) throw reader.fault('contains a quantifier whose bounds allow nothing');
  return { min, max };
}

function readAtom(reader: PatternReader, depth: number): PatternNode {
  const next = reader.next();
  if (next === '(') return readGroup(reader, depth);
  if (next === '[') return { kind: 'character', test: remembering(readClass(reader)) };
  if (next === '.') return { kind: 'character', test: remembering(anyButLineBreak) };
  if (next === '\\') {
    const escaped = readEscape(reader, false);
    const test = typeof escaped === 'number' ? character(escaped) : remembering(escaped);
    return { kind: 'character', test };
  }
  if ('*+?'.includes(next)) throw reader.fault('contains a quantifier with nothing to repeat');
  if ('^$'.includes(next)) throw reader.fault('must have ^ and $ only at its ends: it matches the whole text anyway');
  if ('{}]'.includes(next)) throw reader.fault('must write {, } and ] as \\{, \\} and \\]');
  return { kind: 'character', test: character(next.codePointAt(0) ?? 0) };
}

function readGroup(reader: PatternReader, depth: number): PatternNode {
  const isPlain = reader.peek() !== '?' || reader.take('?:');
  if (!isPlain) throw reader.fault('must not contain lookaround or named groups');
  const body = readChoice(reader, depth + 1);
  if (!reader.take(')')) throw reader.fault('contains a ( without its )');
  return body;
}
