import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'graphql';
import { requestText } from '../../../../server/idempotency/request-text.js';

const document = parse('mutation ($a: JSONObject) { createFleet(input: { name: "f", attributes: $a }) { id } }');
const textOf = (variables: Readonly<Record<string, unknown>>) => requestText(document, undefined, variables, 'key');

/** The value with the members of all objects in the other order. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, turned(member)]),
  );
}

/** JSON as a request brings it, of well-formed text. */
const json = fc.jsonValue({ stringUnit: 'grapheme', maxDepth: 4 }).map((value) => JSON.parse(JSON.stringify(value)));

describe('requestText', () => {
  it('is the same for equal variables in any order, and another for others', () => {
    fc.assert(
      fc.property(json, json, (one, other) => {
        expect(textOf({ a: turned(one) })).toBe(textOf({ a: one }));
        const isEqual = textOf({ a: one }) === textOf({ a: other });
        expect(isEqual).toBe(JSON.stringify(sorted(one)) === JSON.stringify(sorted(other)));
      }),
    );
  });

  it('tells operation names and subjects apart', () => {
    const texts = [
      requestText(document, undefined, {}, 'key'),
      requestText(document, 'Named', {}, 'key'),
      requestText(document, undefined, {}, 'other'),
      requestText(parse('mutation { a: __typename }'), undefined, {}, 'key'),
    ];
    expect(new Set(texts).size).toBe(texts.length);
  });

  it('refuses what has no canonical form', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level += 1) deep = [deep];
    for (const value of ['\ud800', { '\udc00': 1 }, Number.POSITIVE_INFINITY, deep]) {
      expect(() => textOf({ a: value })).toThrow(/^Idempotency-Key: the variables must be well-formed/);
    }
  });
});

/** The value with the members of all objects sorted by name. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const names = Object.keys(value).sort();
  return names.map((name) => [name, sorted((value as Readonly<Record<string, unknown>>)[name])]).concat([['{}', 0]]);
}
