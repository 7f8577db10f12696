import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { changeEnumValues, requireEnumValues } from '../../../domain/metric/enum-values.js';
import { requireMetricName } from '../../../domain/metric/metric-name.js';
import {
  type Aggregation,
  type MetricDataType,
  metricSchema,
  requireLegalShape,
} from '../../../domain/metric/metric-schema.js';

const codes = [{ code: '0', label: 'Idle' }];
const all: readonly Aggregation[] = ['FIRST', 'LAST', 'AVG', 'SUM', 'COUNT'];
const table: readonly [MetricDataType, boolean, readonly Aggregation[]][] = [
  ['INT', false, ['FIRST', 'LAST', 'AVG', 'SUM', 'COUNT']],
  ['INT', true, ['FIRST', 'LAST', 'COUNT']],
  ['DOUBLE', false, ['FIRST', 'LAST', 'AVG', 'SUM', 'COUNT']],
  ['DOUBLE', true, []],
  ['STRING', false, ['FIRST', 'LAST', 'COUNT']],
  ['STRING', true, []],
  ['BOOL', false, ['FIRST', 'LAST', 'COUNT']],
  ['BOOL', true, []],
  ['JSON', false, ['FIRST', 'LAST', 'COUNT']],
  ['JSON', true, []],
];

describe('requireLegalShape', () => {
  it.each(table)('%s with codes %s allows %s', (dataType, hasCodes, legal) => {
    const accepted = all.filter((defaultAggregation) => {
      try {
        requireLegalShape({ dataType, defaultAggregation, enumValues: hasCodes ? codes : null });
        return true;
      } catch (error) {
        expect(error).toMatchObject({ code: 'BAD_USER_INPUT' });
        return false;
      }
    });
    expect(accepted).toEqual(legal);
  });

  it('is what metricSchema says', () => {
    expect(
      metricSchema.flatMap((entry) => [
        [entry.dataType, false, entry.aggregations],
        [entry.dataType, true, entry.aggregationsWithEnumValues ?? []],
      ]),
    ).toEqual(table);
  });
});

describe('requireMetricName', () => {
  it.each(['soc', 'A', 'cell.1-temp_C', 'a'.repeat(100), 'timestamps'])('accepts %s', (name) => {
    expect(requireMetricName('input.name', name)).toBe(name);
  });

  it.each(['', '1a', '_a', 'a b', 'é', 'a'.repeat(101), 'a\n', 'timestamp', 'TimeStamp'])('refuses %j', (name) => {
    expect(() => requireMetricName('input.name', name)).toThrow(/^input\.name: /);
  });
});

describe('requireEnumValues', () => {
  it('brings every 64-bit code to plain decimal text', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.nat(5), (code, zeros) => {
        const sign = code < 0n ? '-' : '+';
        const digits = String(code).replace('-', '');
        const [value] = requireEnumValues('f', [{ code: `${sign}${'0'.repeat(zeros)}${digits}`, label: 'x' }]);
        expect(value?.code).toBe(String(code));
      }),
    );
  });

  it.each(['', '1.0', '1e3', '0x1', ' 1', '9223372036854775808', '-9223372036854775809', '9'.repeat(1000)])(
    'refuses the code %s',
    (code) => {
      expect(() => requireEnumValues('input.enumValues', [{ code, label: 'x' }])).toThrow(/enumValues\[0\]\.code/);
    },
  );

  it('refuses a repeated code, however it is written, and bounds the list', () => {
    const repeated = [
      { code: '7', label: 'a' },
      { code: '007', label: 'b' },
    ];
    expect(() => requireEnumValues('f', repeated)).toThrow('f[1].code: repeats');
    expect(() => requireEnumValues('f', [])).toThrow('1 to 500');
    const many = Array.from({ length: 501 }, (_, index) => ({ code: String(index), label: 'x' }));
    expect(() => requireEnumValues('f', many)).toThrow('1 to 500');
  });

  it('lets codes be added and meanings change, and no code go', () => {
    const before = [
      { code: '0', label: 'Idle' },
      { code: '1', label: 'Charging' },
    ];
    const after = [
      { code: '2', label: 'Fault' },
      { code: '1', label: 'Busy' },
      { code: '00', label: 'Idle' },
    ];
    expect(changeEnumValues('f', before, after).map(({ code }) => code)).toEqual(['2', '1', '0']);
    expect(() => changeEnumValues('f', before, after.slice(0, 2))).toThrow('1 of 2 are missing');
    expect(changeEnumValues('f', null, before)).toEqual(before);
  });
});
