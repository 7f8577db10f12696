import { describe, expect, it } from '@jest/globals';
import { arrayLiteral } from '../../../db/array-literal.js';

describe('arrayLiteral', () => {
  it('quotes every item and escapes what would end one', () => {
    expect(arrayLiteral([])).toBe('{}');
    expect(arrayLiteral(['a', null, 'NULL', '', 'x,{}', '"\\'])).toBe('{"a",NULL,"NULL","","x,{}","\\"\\\\"}');
  });
});
