import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  maxPointerLength,
  maxPointerSteps,
  parseJsonPointer,
  readJsonPointer,
} from '../../../integrations/templates/json-pointer.js';

const read = (pointer: string, document: unknown) => readJsonPointer(parseJsonPointer(pointer)!, document);

describe('JSON pointers', () => {
  /** RFC 6901, section 5. */
  const document = {
    foo: ['bar', 'baz'],
    '': 0,
    'a/b': 1,
    'c%d': 2,
    'e^f': 3,
    'g|h': 4,
    'i\\j': 5,
    'k"l': 6,
    ' ': 7,
    'm~n': 8,
  };
  it.each([
    ['', document],
    ['/foo', ['bar', 'baz']],
    ['/foo/0', 'bar'],
    ['/', 0],
    ['/a~1b', 1],
    ['/c%d', 2],
    ['/e^f', 3],
    ['/g|h', 4],
    ['/i\\j', 5],
    ['/k"l', 6],
    ['/ ', 7],
    ['/m~0n', 8],
  ])('read %j of the example of RFC 6901', (pointer, expected) => {
    expect(read(pointer, document)).toEqual(expected);
  });

  it.each(['/foo/2', '/foo/-', '/foo/00', '/foo/1e0', '/foo/-1', '/foo/length', '/foo/0/0', '/nothing', '/a/b'])(
    'find nothing at %j',
    (pointer) => {
      expect(read(pointer, document)).toBeUndefined();
    },
  );

  it.each(['/constructor', '/__proto__', '/toString', '/foo/constructor', '/foo/map'])(
    'do not walk into what is inherited: %j',
    (pointer) => {
      expect(read(pointer, document)).toBeUndefined();
    },
  );

  it('find names that look like what is inherited', () => {
    const own = JSON.parse('{"__proto__": {"constructor": 1}}');
    expect(read('/__proto__/constructor', own)).toBe(1);
  });

  it.each(['foo', '#/foo', '/~', '/~2', '/a~'])('are not made of %j', (text) => {
    expect(parseJsonPointer(text)).toBeUndefined();
  });

  it('have bounds', () => {
    expect(parseJsonPointer('/a'.repeat(maxPointerSteps))).toHaveLength(maxPointerSteps);
    expect(parseJsonPointer('/a'.repeat(maxPointerSteps + 1))).toBeUndefined();
    expect(parseJsonPointer(`/${'a'.repeat(maxPointerLength - 1)}`)).toHaveLength(1);
    expect(parseJsonPointer(`/${'a'.repeat(maxPointerLength)}`)).toBeUndefined();
  });

  it('lead to every value of any document, and only there', () => {
    const step = fc.oneof(fc.string({ maxLength: 4 }), fc.constantFrom('~', '/', '~1', '~01', '0', '-', '__proto__'));
    const json = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.integer(),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(step, tie('value'), { maxKeys: 4 }),
      ),
    })).value;
    fc.assert(
      fc.property(json, step, (document, more) => {
        for (const { pointer, value } of everyValue(document)) {
          expect(read(pointer, document)).toBe(value);
          const further = `${pointer}/${escaped(more)}`;
          const isThere = everyValue(value).some((inner) => inner.pointer === `/${escaped(more)}`);
          if (!isThere && parseJsonPointer(further) !== undefined) expect(read(further, document)).toBeUndefined();
        }
      }),
      { numRuns: 200 },
    );
  });
});

/** Written apart from the product: one pass over the characters. */
function escaped(name: string): string {
  return [...name].map((character) => ({ '~': '~0', '/': '~1' })[character] ?? character).join('');
}

function everyValue(value: unknown, pointer = ''): { pointer: string; value: unknown }[] {
  const inner = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return [{ pointer, value }, ...inner.flatMap(([name, each]) => everyValue(each, `${pointer}/${escaped(name)}`))];
}
