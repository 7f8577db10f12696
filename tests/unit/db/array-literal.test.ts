import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { arrayLiteral, parseTextArray } from '../../../db/array-literal.js';

describe('arrayLiteral', () => {
  it('quotes every item and escapes what would end one', () => {
    expect(arrayLiteral([])).toBe('{}');
    expect(arrayLiteral(['a', null, 'NULL', '', 'x,{}', '"\\'])).toBe('{"a",NULL,"NULL","","x,{}","\\"\\\\"}');
  });
});

describe('parseTextArray', () => {
  it('reads back what arrayLiteral writes', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (texts) => {
        expect(parseTextArray(arrayLiteral(texts))).toEqual(texts);
      }),
    );
  });

  it('reads unquoted elements, as PostgreSQL writes plain ones', () => {
    expect(parseTextArray('{}')).toEqual([]);
    expect(parseTextArray('{a,b c,"d\\\\e"}')).toEqual(['a', 'b c', 'd\\e']);
  });
});
