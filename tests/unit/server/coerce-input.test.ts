import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  coerceInputValue,
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
} from 'graphql';
import { coerceInput, misfit } from '../../../server/coerce-input.js';
import { createSchema } from '../../../server/schema.js';

const schema = createSchema();
const types = Object.values(schema.getTypeMap()).filter(
  (type): type is GraphQLInputType & typeof type => isInputType(type) && !type.name.startsWith('__'),
);

/** Values of which some fit a leaf of some type. */
const leaf = fc.oneof(
  fc.constantFrom<unknown>(
    'x',
    '',
    'a/b',
    5,
    -1,
    2 ** 40,
    1.5,
    true,
    null,
    '2026-01-01T00:00:00Z',
    '1795326976429',
    'HOUR',
  ),
  fc.jsonValue({ maxDepth: 2 }),
);

/** Values that mostly fit a type, with a fault here and there. */
function valuesOf(type: GraphQLInputType, depth: number): fc.Arbitrary<unknown> {
  const wrong = { weight: 1, arbitrary: leaf };
  if (isNonNullType(type)) return valuesOf(type.ofType, depth);
  if (isListType(type)) {
    const item = valuesOf(type.ofType, depth + 1);
    return fc.oneof({ weight: 15, arbitrary: fc.array(item, { maxLength: 3 }) }, { weight: 2, arbitrary: item }, wrong);
  }
  if (isEnumType(type)) {
    const names = type.getValues().map((value) => value.name);
    return fc.oneof({ weight: 30, arbitrary: fc.constantFrom<unknown>(...names) }, wrong);
  }
  if (!isInputObjectType(type)) {
    const fitting: Record<string, fc.Arbitrary<unknown>> = {
      Boolean: fc.boolean(),
      DateTime: fc.constant('2026-01-01T00:00:00Z'),
      EpochMillis: fc.integer(),
      Float: fc.double({ noNaN: true }),
      ID: fc.uuid(),
      Int: fc.integer(),
      JSONObject: fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 2 }),
      String: fc.string(),
    };
    return fc.oneof({ weight: 30, arbitrary: fitting[type.name] ?? leaf }, wrong);
  }
  if (depth > 5) return fc.constant(null);
  const fields = Object.values(type.getFields());
  const record = fc.record(Object.fromEntries(fields.map((field) => [field.name, valuesOf(field.type, depth + 1)])), {
    requiredKeys: fields.filter((field) => isNonNullType(field.type)).map((field) => field.name),
  });
  const odd = record.chain((fitting) =>
    fc.oneof(
      fc.constant({ ...fitting, unknown: 1 }),
      fc.constantFrom(...Object.keys(fitting), 'none').map((absent) => ({ ...fitting, [absent]: undefined })),
    ),
  );
  return fc.oneof({ weight: 20, arbitrary: record }, { weight: 2, arbitrary: odd }, wrong);
}

describe('coercion of inputs', () => {
  it('gives what graphql-js gives, for every input type of the schema', () => {
    const seen = { fits: 0, misfits: 0 };
    for (const type of types) {
      fc.assert(
        fc.property(valuesOf(type, 0), (value) => {
          let isFault = false;
          const expected = coerceInputValue(value, type, () => {
            isFault = true;
          });
          const coerced = coerceInput(value, type);
          // It may leave to graphql-js what it could know, but not the other way round.
          if (isFault) expect(coerced).toBe(misfit);
          else if (coerced !== misfit) expect(coerced).toEqual(expected);
          else
            expect(JSON.stringify(value, (_key, each) => (each === undefined ? 'absent' : each))).toContain('absent');
          seen[isFault ? 'misfits' : 'fits'] += 1;
        }),
        { numRuns: 50, examples: [[[]], [[[]]], [{}], [''], [0], [null]] },
      );
    }
    expect(types.length).toBeGreaterThan(30);
    expect(Math.min(seen.fits, seen.misfits)).toBeGreaterThan(300);
  });

  it('takes null and one item for a list', () => {
    const type = schema.getType('IngestFramesInput') as GraphQLInputType;
    const frame = { timestamp: '5', metrics: { a: 1 } };
    expect(coerceInput(null, type)).toBeNull();
    expect(Object.getPrototypeOf(coerceInput({ things: [] }, type))).toBeNull();
    expect(coerceInput({ things: { thingId: 7, frames: frame } }, type)).toEqual({
      things: [{ thingId: '7', frames: [{ timestamp: 5, metrics: { a: 1 } }] }],
    });
  });
});
