import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mapRecords } from '../../../integrations/templates/map-records.js';
import { Mapping } from '../../../integrations/templates/mapping.js';
import { readTimestamp } from '../../../integrations/templates/read-timestamp.js';
import type { JsonPointerSpec } from '../../../integrations/templates/template-spec.js';
import { transformValue } from '../../../integrations/templates/transform-value.js';

describe('timestamps', () => {
  it.each([
    ['EPOCH_MILLIS', 1_700_000_000_123, 1_700_000_000_123],
    ['EPOCH_MILLIS', '1700000000123', 1_700_000_000_123],
    ['EPOCH_MILLIS', 1_700_000_000_123.9, 1_700_000_000_123],
    ['EPOCH_MILLIS', -0.5, -1],
    ['EPOCH_SECONDS', 1_700_000_000, 1_700_000_000_000],
    ['EPOCH_SECONDS', 1_700_000_000.123, 1_700_000_000_123],
    ['EPOCH_SECONDS', '1700000000.1239999', 1_700_000_000_123],
    ['ISO8601', '2023-11-14T22:13:20.1239999Z', 1_700_000_000_123],
    ['ISO8601', '2023-11-14T23:13:20+01:00', 1_700_000_000_000],
  ] as const)('%s of %j', (format, value, timestampMs) => {
    expect(readTimestamp(format, value)).toEqual({ timestampMs });
  });

  it.each([
    ['EPOCH_MILLIS', '2023-11-14T22:13:20Z'],
    ['EPOCH_MILLIS', ''],
    ['EPOCH_MILLIS', true],
    ['EPOCH_MILLIS', Number.POSITIVE_INFINITY],
    ['EPOCH_MILLIS', 8.65e15],
    ['EPOCH_SECONDS', '1e9'],
    ['EPOCH_SECONDS', 1e300],
    ['EPOCH_SECONDS', null],
    ['ISO8601', '2023-11-14T22:13:20'],
    ['ISO8601', '2023-02-30T00:00:00Z'],
    ['ISO8601', 1_700_000_000_000],
    ['ISO8601', undefined],
  ] as const)('%s of %j is refused', (format, value) => {
    expect(readTimestamp(format, value)).toEqual({ reason: expect.any(String) });
  });
});

describe('scale and offset', () => {
  it.each([
    [3, { scale: 0.1 }, 0.3],
    [1.1, { scale: 10 }, 11],
    ['0.1', { offset: 0.2 }, 0.3],
    ['9007199254740993', { offset: 1 }, '9007199254740994'],
    [9_007_199_254_740_991, { scale: 3 }, '27021597764222973'],
    ['1e3', { scale: 2, offset: -0.5 }, 1999.5],
  ])('%j with %j is %j', (value, change, expected) => {
    expect(transformValue(value, change)).toEqual({ value: expected });
  });

  it.each([true, {}, [], '', 'much', '0x10', '1e9999', 2 ** 60, Number.NaN])('%j is no number', (value) => {
    expect(transformValue(value, { scale: 2 })).toEqual({ reason: expect.any(String) });
  });

  it('leave alone what has neither', () => {
    expect(transformValue('x', {})).toEqual({ value: 'x' });
  });

  it('are exact for all decimals of a few digits', () => {
    const decimal = fc.integer({ min: -99_999, max: 99_999 });
    fc.assert(
      fc.property(decimal, decimal, decimal, (value, scale, offset) => {
        // Thousandths, so the result has six digits: whole numbers say what it is.
        const exact = BigInt(value) * BigInt(scale) + BigInt(offset) * 1000n;
        const result = transformValue(value / 1000, { scale: scale / 1000, offset: offset / 1000 });
        expect(result).toEqual({ value: Number(`${exact}e-6`) + 0 });
      }),
      { numRuns: 300 },
    );
  });
});

describe('mapping by pointers', () => {
  const id = (index: number) => `mdef_${String(index).padStart(26, '0')}`;
  const apply = (spec: JsonPointerSpec, document: unknown) => {
    const mapping = new Mapping();
    mapRecords(spec, document, mapping);
    return mapping;
  };

  it('takes the document as one record where there is no list', () => {
    const spec: JsonPointerSpec = {
      timestamp: { pointer: '/t', format: 'EPOCH_SECONDS' },
      mappings: [{ metricId: id(0), pointer: '' }],
    };
    const { records, report } = apply(spec, { t: 1 });
    expect(records).toEqual([{ index: 0, timestampMs: 1000, fields: [{ metricId: id(0), value: { t: 1 } }] }]);
    expect(report.recordsParsed).toBe(1);
  });

  it('makes of any records what an independent model makes of them', () => {
    const cell = fc.constantFrom(undefined, null, 'x', 7, '8', true);
    const field = fc.record({
      scale: fc.constantFrom(undefined, 2),
      default: fc.constantFrom(undefined, 'd'),
      isRequired: fc.boolean(),
    });
    const row = fc.record({ t: fc.constantFrom(1, 2, 'never', undefined), cells: fc.array(cell, { maxLength: 4 }) });
    fc.assert(
      fc.property(fc.array(field, { minLength: 1, maxLength: 4 }), fc.array(row, { maxLength: 6 }), (fields, rows) => {
        const spec: JsonPointerSpec = {
          recordsPointer: '/rows',
          timestamp: { pointer: '/t', format: 'EPOCH_MILLIS' },
          mappings: fields.map(({ isRequired, ...rest }, index) => ({
            metricId: id(index),
            pointer: `/cells/${index}`,
            ...(isRequired && rest.default === undefined ? { required: true } : {}),
            ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)),
          })),
        };
        const { records, report } = apply(spec, { rows });
        const model = rows.map((each) => modelOf(each, fields));
        expect(records.map(({ index, timestampMs, fields: made }) => [index, timestampMs, made.map(pair)])).toEqual(
          model.flatMap(({ made }, index) => (made === undefined ? [] : [[index, rows[index]!.t, made]])),
        );
        expect(report.recordsSkipped.map(({ index }) => index)).toEqual(
          model.flatMap(({ made }, index) => (made === undefined ? [index] : [])),
        );
        const sum = (counts: readonly { readonly count: number }[]) =>
          counts.reduce((all, { count }) => all + count, 0);
        expect(sum(report.fieldsSkippedMissing)).toBe(model.reduce((all, { missing }) => all + missing, 0));
        expect(sum(report.fieldsInvalid)).toBe(model.reduce((all, { invalid }) => all + invalid, 0));
      }),
      { numRuns: 300 },
    );
  });

  const pair = ({ metricId, value }: { metricId: string; value: unknown }) => [Number(metricId.slice(5)), value];

  interface FieldModel {
    readonly scale: number | undefined;
    readonly default: string | undefined;
    readonly isRequired: boolean;
  }

  /** What a record is to become, by cases. */
  function modelOf({ t, cells }: { t: unknown; cells: readonly unknown[] }, fields: readonly FieldModel[]) {
    if (t !== 1 && t !== 2) return { made: undefined, missing: 0, invalid: 0 };
    const made: [number, unknown][] = [];
    let missing = 0;
    let invalid = 0;
    let isRefused = false;
    for (const [index, field] of fields.entries()) {
      const cell = cells[index];
      const isThere = cell !== undefined && cell !== null;
      const fits = isThere && (field.scale === undefined || cell === 7 || cell === '8');
      if (fits) made.push([index, field.scale === undefined ? cell : Number(cell) * 2]);
      else if (isThere) invalid += 1;
      else if (field.default !== undefined) made.push([index, field.default]);
      else missing += 1;
      if (!fits && field.isRequired && field.default === undefined) isRefused = true;
    }
    return { made: isRefused || made.length === 0 ? undefined : made, missing, invalid };
  }

  it('bounds its report', () => {
    const rows = Array.from({ length: 1000 }, () => ({ t: 'never' }));
    const spec: JsonPointerSpec = {
      recordsPointer: '',
      timestamp: { pointer: '/t', format: 'EPOCH_MILLIS' },
      mappings: [{ metricId: id(0), pointer: '/x' }],
    };
    const { report } = apply(spec, rows);
    expect([report.recordsSkipped.length, report.recordsSkippedOmitted]).toEqual([100, 900]);
    expect(() => apply(spec, [...rows, 1])).toThrow('1001 records');
  });

  it('bounds the values of a call by number and by bytes', () => {
    const spec = (mappings: number, pointer: string): JsonPointerSpec => ({
      recordsPointer: '',
      timestamp: { pointer: '/t', format: 'EPOCH_MILLIS' },
      mappings: Array.from({ length: mappings }, (_, index) => ({ metricId: id(index), pointer })),
    });
    const rows = (count: number, x: unknown) => Array.from({ length: count }, () => ({ t: 1, x }));
    expect(apply(spec(10, '/x'), rows(1000, 1)).records).toHaveLength(1000);
    expect(() => apply(spec(11, '/x'), rows(1000, 1))).toThrow('10000 values');
    expect(() => apply(spec(10, '/x'), rows(100, 'x'.repeat(3000)))).toThrow('2 MiB');
    // One value that is too long is left out, and cost is bounded where all of them are the same large object.
    const large = Array.from({ length: 100_000 }, (_, index) => index);
    expect(() => apply(spec(100, '/x'), rows(1000, large))).toThrow('2 MiB');
    expect(apply(spec(1, '/x'), rows(1, large)).report.fieldsInvalid).toEqual([
      { metricId: id(0), reason: 'is longer than 16 KiB', count: 1 },
    ]);
  });
});
