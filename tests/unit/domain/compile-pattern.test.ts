import { createContext, Script } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compilePattern } from '../../../domain/property/pattern/compile-pattern.js';
import { PatternFault } from '../../../domain/property/pattern/pattern-fault.js';

const atom = fc.constantFrom(
  'a', 'b', '-', 'é', '😀', '.', '\\d', '\\D', '\\w', '\\W', '\\s', '\\S', '\\p{L}', '\\P{Lu}', '\\.', '\\/', '\\x61',
  '\\u0062', '\\u{1F600}', '\\n', '[ab]', '[^a]', '[a-c0-9]', '[-a]', '[a-]', '[^\\s\\-]', '[\\]\\[^]', '[\\u{1F600}é]',
); // biome-ignore format: one table

const quantifier = fc.constantFrom(
  '',
  '',
  '',
  '*',
  '+',
  '?',
  '{2}',
  '{1,}',
  '{0,2}',
  '{1,3}',
  '*?',
  '+?',
  '??',
  '{1,2}?',
);

const { pattern } = fc.letrec<{ pattern: string; sequence: string; part: string }>((tie) => ({
  pattern: fc.array(tie('sequence'), { minLength: 1, maxLength: 3 }).map((options) => options.join('|')),
  sequence: fc.array(tie('part'), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('')),
  part: fc
    .tuple(
      fc.oneof(
        { maxDepth: 2, depthSize: 'small' },
        atom,
        tie('pattern').map((inner) => `(${inner})`),
        tie('pattern').map((inner) => `(?:${inner})`),
      ),
      quantifier,
    )
    .map((both) => both.join('')),
}));

const text = fc.array(fc.constantFrom('a', 'b', 'c', 'A', '0', '-', ' ', '\n', '.', '/', 'é', '😀', ']', '['), {
  maxLength: 7,
});

const context = createContext({});
const script = new Script('texts.map((text) => new RegExp(source, "u").test(text))');

/**
 * What JavaScript's own engine says of each text; undefined where it backtracks for longer than a quarter of a second.
 * A few random patterns in a million would take it years, and only a script of its own can be interrupted.
 */
function byJavaScript(source: string, texts: string[]): boolean[] | undefined {
  Object.assign(context, { source: `^(?:${source})$`, texts });
  try {
    return [...(script.runInContext(context, { timeout: 250 }) as boolean[])];
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined;
    throw fault;
  }
}

/** The pattern compiled, undefined if it is refused. */
function accepted(source: string): ((text: string) => boolean) | undefined {
  try {
    return compilePattern(source);
  } catch (fault) {
    if (fault instanceof PatternFault) return undefined;
    throw fault;
  }
}

describe('compilePattern', () => {
  it('matches the whole text as JavaScript does', () => {
    fc.assert(
      fc.property(
        pattern,
        fc.array(
          text.map((characters) => characters.join('')),
          { minLength: 1, maxLength: 8 },
        ),
        (source, texts) => {
          const matches = accepted(source);
          fc.pre(matches !== undefined);
          const expected = byJavaScript(source, texts);
          fc.pre(expected !== undefined);
          expect([source, texts, texts.map(matches!)]).toEqual([source, texts, expected]);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('accepts nothing that JavaScript would not compile', () => {
    const soup = fc.array(
      fc.constantFrom(
        'a',
        '(',
        ')',
        '(?:',
        '(?=',
        '[',
        ']',
        '^',
        '$',
        '-',
        '\\',
        '|',
        '*',
        '+',
        '?',
        '{',
        '}',
        '{2,1}',
        '{1,2}',
        ',',
        '1',
        'd',
        'p{L}',
        'u',
        'x4',
        'b',
        '.',
      ),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(soup, text, (parts, characters) => {
        const source = parts.join('');
        const matches = accepted(source);
        if (matches === undefined) return;
        const each = characters.join('');
        const expected = byJavaScript(source, [each]);
        fc.pre(expected !== undefined);
        expect([source, each, matches(each)]).toEqual([source, each, expected![0]]);
      }),
      { numRuns: 5000 },
    );
  });

  it('is compared with an engine that can be interrupted', () => {
    expect(byJavaScript('(a*)*b', ['a'.repeat(60)])).toBeUndefined();
    expect(byJavaScript('a|b', ['a', 'c'])).toEqual([true, false]);
  });

  it.each([
    ['^[A-Z]{2}\\d{4}$', 'AB1234', true],
    ['^[A-Z]{2}\\d{4}$', 'AB12345', false],
    ['[A-Z]{2}', 'xABx', false],
    ['^on$|^off$', 'off', true],
    ['([0-9a-f]{2}:){5}[0-9a-f]{2}', '00:1b:44:11:3a:b7', true],
    ["[\\p{L} .'-]+", 'Zoë O’Neill', false],
    ["[\\p{L} .'-]+", "Zoë O'Neill-Łuk", true],
    ['.*charger.*', 'the fast charger, left', true],
  ])('%s on %s: %s', (source, input, expected) => {
    expect(compilePattern(source)(input)).toBe(expected);
  });

  it.each([
    ['(a)\\1', /back references/],
    ['(?<n>a)\\k<n>', /lookaround or named groups/],
    ['(?=a)a', /lookaround/],
    ['(?!a)b', /lookaround/],
    ['(?<=a)b', /lookaround/],
    ['(?<!a)b', /lookaround/],
    ['\\bword', /word boundaries/],
    ['a||b', /empty alternative/],
    ['()', /empty alternative/],
    ['', /empty alternative/],
    ['a^b', /only at its ends/],
    ['(^a)', /only at its ends/],
    ['a$b', /only at its ends/],
    ['*a', /nothing to repeat/],
    ['a**', /nothing to repeat/],
    ['a{2}{3}', /must write \{/],
    ['a{0}', /allow nothing/],
    ['a{3,2}', /allow nothing/],
    ['a{1001}', /more than 1000 times/],
    ['(a{100}){100}', /500 states/],
    ['(((a{9}){9}){9}){9}', /500 states/],
    ['a)', /without its \(/],
    ['(a', /without its \)/],
    ['[]', /empty class/],
    ['[^]', /empty class/],
    ['[b-a]', /reverse order/],
    ['[a-\\d]', /ends in a set/],
    ['[[a]', /as \\\[/],
    ['[a', /ends too early/],
    ['a\\', /ends too early/],
    ['\\p{Nonsense}', /unknown Unicode property/],
    ['\\p', /must name a Unicode property/],
    ['\\ud83d', /no character by its code/],
    ['\\u{110000}', /no character by its code/],
    ['\\q', /unknown escape/],
    ['\\-', /unknown escape/],
    ['a'.repeat(201), /at most 200 characters/],
  ])('refuses %s', (source, reason) => {
    expect(() => compilePattern(source)).toThrow(PatternFault);
    expect(() => compilePattern(source)).toThrow(reason);
  });

  it.each([
    ['(a+)+b', 'a'.repeat(1000)],
    ['(a|a)*b', 'a'.repeat(1000)],
    ['(a*)*b', 'a'.repeat(1000)],
    ['(.*.*.*.*.*.*.*.*)*=', 'x'.repeat(1000)],
    [`${'a*'.repeat(99)}b`, 'a'.repeat(1000)],
    ['(a?){150}a{150}', 'a'.repeat(1000)],
    [`[${'\\p{Lu}'.repeat(20)}b-z]{450}.*`, 'a'.repeat(1000)],
  ])('answers %s on a long text in time', (source, input) => {
    const started = performance.now();
    expect(compilePattern(source)(input)).toBe(false);
    // About 20 ms; an engine that backtracks would need years.
    expect(performance.now() - started).toBeLessThan(45_000);
  });
});
