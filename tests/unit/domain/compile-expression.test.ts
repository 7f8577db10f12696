import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compileExpression } from '../../../domain/monitor/compile-expression.js';

const types = { power: 'double', limit: 'double', on: 'bool' } as const;
const compile = (expression: string) => compileExpression('input.expression', expression, types);
const values = { power: 5, limit: 2, on: true };

describe('compileExpression', () => {
  it.each([
    ['power * 2 + 1', 11],
    ['1 / 3', 1 / 3],
    ['power > limit && on', true],
    ['on ? power : 0', 5],
    ['!on || power == 5', true],
    ['-power', -5],
    ['max(abs(-3), min(power, 10))', 5],
    ['round(2.5) + floor(1.9) + ceil(0.1) + sqrt(9)', 8],
    ['power / 0', undefined],
    ['sqrt(-1)', undefined],
    ['power * 1e308 * 1e308', undefined],
  ])('computes %s', (expression, expected) => {
    expect(compile(expression).compute(values)).toBe(expected);
  });

  it('tells which names it uses, and what it yields', () => {
    const { names, type } = compile('power > limit');
    expect([[...names].sort(), type]).toEqual([['limit', 'power'], 'bool']);
  });

  it.each([
    ['power +', /is no expression \(character 8\)/],
    ['volts + 1', /uses a name that is no metric and no earlier variable \(character 1\)/],
    ['power + on', /mixes numbers and booleans \(character/],
    ['power % 2', /operators|may use/],
    ['"a".matches("(a+)+b")', /may use/],
    ['[1, 2].map(x, x * 2).size()', /may use/],
    ['power in [1.0]', /may use/],
    ['size("abc")', /may call abs, ceil/],
    ['"text"', /numbers and booleans only/],
    ['timestamp("2026-01-01T00:00:00Z")', /may call/],
    ['constructor', /uses a name that is no metric/],
    [`${'1 + '.repeat(200)}1`, /at most 500 characters/],
    [`${'('.repeat(40)}power${')'.repeat(40)}`, /is too large or too deep \(character 21\)/],
  ])('refuses %s', (expression, reason) => {
    expect(() => compile(expression)).toThrow(reason);
  });

  it('agrees with arithmetic done by hand', () => {
    const operators = {
      '+': (a: number, b: number) => a + b,
      '-': (a: number, b: number) => a - b,
      '*': (a: number, b: number) => a * b,
    } as const;
    const number = fc.integer({ min: -1000, max: 1000 });
    fc.assert(
      fc.property(
        number,
        number,
        number,
        fc.constantFrom(...(Object.keys(operators) as (keyof typeof operators)[])),
        (a, b, c, operator) => {
          const { compute } = compile(`(power ${operator} limit) ${operator} ${c < 0 ? `(${c})` : c}`);
          const apply = operators[operator];
          expect(compute({ power: a, limit: b, on: true })).toBe(apply(apply(a, b), c));
        },
      ),
    );
  });
});
