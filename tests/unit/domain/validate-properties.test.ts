import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { PropertyConstraints, PropertyDefinition, PropertyValueType } from '../../../db/tables/definitions.js';
import { requirePropertyDefinitions } from '../../../domain/property/property-definitions.js';
import { validateProperties } from '../../../domain/property/validate-properties.js';
import { BulkheadError, type InputFault } from '../../../errors/bulkhead-error.js';

function define(valueType: PropertyValueType, constraints: Partial<PropertyConstraints> = {}): PropertyDefinition {
  return { name: 'p', valueType, constraints: { required: false, ...constraints } };
}

function check(definition: PropertyDefinition, value: unknown): unknown {
  return validateProperties('input.properties', [definition], { p: value })['p'];
}

function faultsOf(work: () => unknown): readonly InputFault[] {
  try {
    work();
  } catch (error) {
    if (!(error instanceof BulkheadError)) throw error;
    expect(error.code).toBe('BAD_USER_INPUT');
    return error.details.errors ?? [{ field: error.details.field ?? '', reason: error.message }];
  }
  return [];
}

const deep = (levels: number): unknown => (levels === 0 ? 1 : [deep(levels - 1)]);

describe('validateProperties', () => {
  it.each<[PropertyDefinition, unknown, unknown]>([
    [define('STRING'), '', ''],
    [define('STRING'), 'tab\tand\nline 😀', 'tab\tand\nline 😀'],
    [define('STRING', { minLength: 1, maxLength: 1 }), '😀', '😀'],
    [define('STRING', { pattern: 'v\\d+' }), 'v12', 'v12'],
    [define('STRING', { oneOf: ['a'] }), 'a', 'a'],
    [define('INT'), -0, 0],
    [define('INT'), '9007199254740991', 9007199254740991],
    [define('INT'), '9007199254740993', '9007199254740993'],
    [define('INT'), '-9223372036854775808', '-9223372036854775808'],
    [define('INT', { min: 2 ** 53 }), '9007199254740993', '9007199254740993'],
    [define('DOUBLE'), -0, 0],
    [define('DOUBLE', { min: 0, max: 1 }), 1, 1],
    [define('BOOL'), false, false],
    [define('JSON'), null, null],
    [define('JSON'), { a: [1, 'x', { b: true }] }, { a: [1, 'x', { b: true }] }],
    [define('JSON'), deep(64), deep(64)],
    [define('DATETIME'), '2026-01-31T13:30:00+01:30', '2026-01-31T12:00:00.000Z'],
    [define('DATETIME'), '2024-02-29t23:59:59.123456789z', '2024-02-29T23:59:59.123Z'],
    [define('DATETIME'), '2026-01-01T00:00:00.9999-00:00', '2026-01-01T00:00:00.999Z'],
    [define('ENUM', { oneOf: ['left', 'right'] }), 'left', 'left'],
  ])('%j takes %j', (definition, value, canonical) => {
    expect(check(definition, value)).toEqual(canonical);
  });

  it.each<[PropertyDefinition, unknown, RegExp]>([
    [define('STRING'), 5, /must be a text/],
    [define('STRING'), null, /must not be null/],
    [define('STRING'), 'a\0b', /control character/],
    [define('STRING'), '\ud800', /not well-formed/],
    [define('STRING'), '😀'.repeat(1001), /at most 1000/],
    [define('STRING', { minLength: 2 }), '😀', /at least 2/],
    [define('STRING', { maxLength: 2 }), 'abc', /at most 2/],
    [define('STRING', { pattern: 'v\\d+' }), 'xv12', /does not match/],
    [define('STRING', { oneOf: ['a'] }), 'b', /one of oneOf/],
    [define('INT'), 1.5, /64-bit integer/],
    [define('INT'), 2 ** 53, /beyond 2\^53/],
    [define('INT'), '9223372036854775808', /64-bit integer/],
    [define('INT'), '1e3', /64-bit integer/],
    [define('INT'), true, /64-bit integer/],
    [define('INT', { max: 2 ** 53 }), '9007199254740993', /at most/],
    [define('DOUBLE'), '1', /finite number/],
    [define('DOUBLE'), Number.POSITIVE_INFINITY, /finite number/],
    [define('DOUBLE'), Number.NaN, /finite number/],
    [define('DOUBLE', { min: 0 }), -0.1, /at least 0/],
    [define('BOOL'), 'true', /true or false/],
    [define('JSON'), 'x'.repeat(4095), /4 KiB/],
    [define('JSON'), deep(65), /64 levels/],
    [define('JSON'), { 'a\0': 1 }, /U\+0000/],
    [define('JSON'), ['\udc00'], /well-formed/],
    [define('JSON'), [Number.POSITIVE_INFINITY], /holds a number/],
    [define('JSON'), { a: [2 ** 53] }, /holds a number/],
    [define('DATETIME'), '2026-01-31T12:00:00', /RFC 3339/],
    [define('DATETIME'), '2026-02-30T12:00:00Z', /RFC 3339/],
    [define('DATETIME'), '2026-13-01T12:00:00Z', /RFC 3339/],
    [define('DATETIME'), '2026-01-31T24:00:00Z', /RFC 3339/],
    [define('DATETIME'), '2026-01-31T12:00:60Z', /RFC 3339/],
    [define('DATETIME'), '2026-01-31 12:00:00Z', /RFC 3339/],
    [define('DATETIME'), '0000-01-01T00:00:00+00:01', /RFC 3339/],
    [define('DATETIME'), '9999-12-31T23:59:59-00:01', /RFC 3339/],
    [define('DATETIME'), 1769860800000, /RFC 3339/],
    [define('ENUM', { oneOf: ['left'] }), 'Left', /one of oneOf/],
  ])('%j refuses %j', (definition, value, reason) => {
    const [fault] = faultsOf(() => check(definition, value));
    expect(fault?.field).toBe('input.properties.p');
    expect(fault?.reason).toMatch(reason);
  });

  it('collects all faults, 100 at most, and repeats no value', () => {
    const definitions = [define('INT'), { ...define('BOOL', { required: true }), name: 'q' }];
    const faults = faultsOf(() =>
      validateProperties('f', definitions, { p: 'secret-1', other: 'secret-2', ['secret-3'.repeat(20)]: 1, 'a\nb': 1 }),
    );
    expect(faults.map(({ field }) => field)).toEqual(['f.p', 'f.other', 'f', 'f', 'f.q']);
    expect(JSON.stringify(faults)).not.toContain('secret');
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`n${index}`, 1]));
    expect(faultsOf(() => validateProperties('f', [], many))).toHaveLength(100);
  });

  it('refuses JSON that nests too deep to be serialized', () => {
    expect(faultsOf(() => check(define('JSON'), deep(5000)))[0]?.reason).toMatch(/64 levels/);
  });

  it('bounds the whole map', () => {
    const definitions = Array.from({ length: 20 }, (_, index) => ({ ...define('STRING'), name: `p${index}` }));
    const map = Object.fromEntries(definitions.map(({ name }) => [name, 'x'.repeat(900)]));
    expect(faultsOf(() => validateProperties('f', definitions, map))[0]?.reason).toMatch(/16 KiB/);
  });

  it('does not reach the prototype of an object', () => {
    const definitions = [{ ...define('STRING', { required: true }), name: 'toString' }];
    expect(faultsOf(() => validateProperties('f', definitions, {}))).toEqual([
      { field: 'f.toString', reason: 'is required' },
    ]);
    expect(faultsOf(() => validateProperties('f', [], JSON.parse('{"__proto__": 1}')))).toHaveLength(1);
  });

  it('answers canonical values that pass again unchanged', () => {
    const any = fc.oneof(
      fc.jsonValue(),
      fc.maxSafeInteger(),
      fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }).map(String),
      fc
        .date({ noInvalidDate: true, min: new Date('0001-01-02'), max: new Date('9999-12-30') })
        .map((date) => date.toISOString()),
    );
    const type = fc.constantFrom<PropertyValueType>('STRING', 'INT', 'DOUBLE', 'BOOL', 'JSON', 'DATETIME');
    fc.assert(
      fc.property(type, any, (valueType, value) => {
        const definitions = [define(valueType)];
        let once: Record<string, unknown>;
        try {
          once = validateProperties('f', definitions, { p: value });
        } catch (error) {
          expect(error).toBeInstanceOf(BulkheadError);
          return;
        }
        expect(validateProperties('f', definitions, once)).toEqual(once);
        // What PostgreSQL gives back after it was stored.
        expect(validateProperties('f', definitions, JSON.parse(JSON.stringify(once)))).toEqual(
          JSON.parse(JSON.stringify(once)),
        );
      }),
      { numRuns: 2000 },
    );
  });
});

describe('requirePropertyDefinitions', () => {
  it('drops what is null or absent', () => {
    const [definition] = requirePropertyDefinitions('f', [
      { name: 'p', valueType: 'STRING', description: null, unit: 'm', constraints: { pattern: 'a+', min: null } },
    ]);
    expect(definition).toEqual({
      name: 'p',
      valueType: 'STRING',
      unit: 'm',
      constraints: { required: false, pattern: 'a+' },
    });
  });

  it.each<[object, RegExp]>([
    [{ name: '__proto__', valueType: 'INT' }, /name: is reserved/],
    [{ name: 'a\nb', valueType: 'INT' }, /name: contains/],
    [{ name: '', valueType: 'INT' }, /name: must have/],
    [{ name: 'p', valueType: 'STRING', constraints: { min: 1 } }, /min: is for INT and DOUBLE only/],
    [{ name: 'p', valueType: 'INT', constraints: { pattern: 'a' } }, /pattern: is for STRING only/],
    [{ name: 'p', valueType: 'BOOL', constraints: { oneOf: ['a'] } }, /oneOf: is for STRING and ENUM only/],
    [{ name: 'p', valueType: 'ENUM' }, /oneOf: is required/],
    [{ name: 'p', valueType: 'ENUM', constraints: { oneOf: [] } }, /oneOf: must have 1 to 200/],
    [{ name: 'p', valueType: 'ENUM', constraints: { oneOf: ['a', 'a'] } }, /oneOf\[1\]: repeats/],
    [{ name: 'p', valueType: 'INT', constraints: { min: 2, max: 1 } }, /min: must not be greater/],
    [{ name: 'p', valueType: 'STRING', constraints: { minLength: 2, maxLength: 1 } }, /minLength: must not be greater/],
    [{ name: 'p', valueType: 'STRING', constraints: { maxLength: 1001 } }, /between 0 and 1000/],
    [{ name: 'p', valueType: 'STRING', constraints: { minLength: -1 } }, /between 0 and 1000/],
    [{ name: 'p', valueType: 'STRING', constraints: { pattern: '(?=a)' } }, /pattern: must not contain lookaround/],
    [{ name: 'p', valueType: 'STRING', constraints: { pattern: '(a{100}){100}' } }, /pattern: repeats too much/],
  ])('refuses %j', (input, reason) => {
    expect(() => requirePropertyDefinitions('f', [input as never])).toThrow(reason);
  });

  it('bounds the list and refuses repeated names', () => {
    const named = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ name: `p${index}`, valueType: 'INT' as const }));
    expect(requirePropertyDefinitions('f', named(200))).toHaveLength(200);
    expect(() => requirePropertyDefinitions('f', named(201))).toThrow('at most 200');
    expect(() => requirePropertyDefinitions('f', [...named(2), ...named(1)])).toThrow('f[2].name: repeats');
    const long = named(200).map((input) => ({ ...input, description: 'x'.repeat(400) }));
    expect(() => requirePropertyDefinitions('f', long)).toThrow('64 KiB');
  });
});
