import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { coerceValue, maxStringLength } from '../../../telemetry/coerce-value.js';
import type { MetricDataType } from '../../../telemetry/metric.js';

const accepted: readonly [MetricDataType, unknown, string][] = [
  ['INT', 5, '5'],
  ['INT', -0, '0'],
  ['INT', 1e3, '1000'],
  ['INT', Number.MAX_SAFE_INTEGER, '9007199254740991'],
  ['INT', '9223372036854775807', '9223372036854775807'],
  ['INT', '-9223372036854775808', '-9223372036854775808'],
  ['INT', '+007', '7'],
  ['DOUBLE', 1.5, '1.5'],
  ['DOUBLE', '-1.5e3', '-1500'],
  ['DOUBLE', '.5', '0.5'],
  ['DOUBLE', '5.', '5'],
  ['DOUBLE', '1e-999', '0'],
  ['DOUBLE', Number.MIN_VALUE, '5e-324'],
  ['STRING', 'grün 🌱', 'grün 🌱'],
  ['STRING', '', ''],
  ['STRING', 1.5, '1.5'],
  ['STRING', true, 'true'],
  ['STRING', 'x'.repeat(maxStringLength), 'x'.repeat(maxStringLength)],
  ['BOOL', true, 'true'],
  ['BOOL', 0, 'false'],
  ['BOOL', 'TRUE', 'true'],
  ['BOOL', '0', 'false'],
  ['JSON', { a: [1, null] }, '{"a":[1,null]}'],
  ['JSON', '{"n": "12345678901234567890"}', '{"n": "12345678901234567890"}'],
  ['JSON', '[9007199254740991, -9007199254740991, -0, 1.5e-7]', '[9007199254740991, -9007199254740991, -0, 1.5e-7]'],
  ['JSON', 3, '3'],
  ['JSON', '"a\\\\u0000"', '"a\\\\u0000"'],
];

const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

const refused: readonly [MetricDataType, unknown][] = [
  ...[
    1.5,
    2 ** 53,
    Number.NaN,
    true,
    '',
    ' 1',
    '1 ',
    '1.0',
    '1e3',
    '0x10',
    '9223372036854775808',
    '١',
    {},
    [1],
    null,
  ].map((value): [MetricDataType, unknown] => ['INT', value]),
  ...[
    Number.NaN,
    Number.POSITIVE_INFINITY,
    'NaN',
    'Infinity',
    '',
    '.',
    'e5',
    '0x1p3',
    '1e999',
    '1_0',
    ' 1',
    true,
    {},
  ].map((value): [MetricDataType, unknown] => ['DOUBLE', value]),
  ...['a\0b', '\ud800', 'x'.repeat(maxStringLength + 1), {}, [], null, undefined, Number.NaN].map(
    (value): [MetricDataType, unknown] => ['STRING', value],
  ),
  ...[2, 'yes', '', null, {}, -0.5].map((value): [MetricDataType, unknown] => ['BOOL', value]),
  ...[
    null,
    'null',
    'hello',
    '',
    '"\\u0000"',
    '{"a\\\\\\u0000":1}',
    '"\ud800"',
    { a: 'x\0' },
    undefined,
    1n,
    nested(65),
  ].map((value): [MetricDataType, unknown] => ['JSON', value]),
  ['JSON', JSON.stringify('x'.repeat(16_384))],
  ['JSON', { text: 'ü'.repeat(8_192) }],
];

describe('coerceValue', () => {
  it.each(accepted)('%s takes %j', (dataType, input, text) => {
    expect(coerceValue(dataType, input)).toEqual({ text });
  });

  it.each(refused)('%s refuses %p', (dataType, input) => {
    expect(coerceValue(dataType, input)).toEqual({ reason: expect.any(String) });
  });

  it('takes JSON of 64 levels', () => {
    expect(coerceValue('JSON', nested(64))).toEqual({ text: nested(64) });
  });

  it.each([
    '1e999',
    '[{"a": -1e999}]',
    '{"n": 9007199254740993}',
    '12345678901234567890',
    2 ** 53,
    [[Number.NaN]],
    { a: -(2 ** 53) },
  ])('refuses the number in %p as JSON, without repeating it', (input) => {
    expect(coerceValue('JSON', input)).toEqual({
      reason: 'holds a number that cannot be kept exactly: write it as text',
    });
  });

  it('never repeats a value in a reason', () => {
    const secret = 'hunter2-hunter2';
    for (const dataType of ['INT', 'DOUBLE', 'BOOL', 'JSON'] as const) {
      expect(JSON.stringify(coerceValue(dataType, secret))).not.toContain('hunter2');
    }
  });

  it('keeps every 64-bit integer exact', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        expect(coerceValue('INT', value.toString())).toEqual({ text: value.toString() });
      }),
    );
  });

  it('keeps every finite double exact, as a number and as its text', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        for (const input of [value, String(value)]) {
          const coerced = coerceValue('DOUBLE', input);
          // Not toBe: minus zero becomes zero.
          expect('text' in coerced && Number(coerced.text) === value).toBe(true);
        }
      }),
    );
  });

  it('answers anything with a text or a reason', () => {
    const types = fc.constantFrom<MetricDataType>('INT', 'DOUBLE', 'STRING', 'BOOL', 'JSON');
    fc.assert(
      fc.property(types, fc.anything(), (dataType, input) => {
        const coerced = coerceValue(dataType, input);
        expect(typeof ('text' in coerced ? coerced.text : coerced.reason)).toBe('string');
      }),
    );
  });
});
