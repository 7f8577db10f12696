import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { getOperationAST, type OperationDefinitionNode, parse, validate } from 'graphql';
import { operationCost } from '../../../server/operation-cost.js';
import { rememberedCost } from '../../../server/remembered-cost.js';
import { createSchema } from '../../../server/schema.js';

const schema = createSchema();
const document =
  parse(`query ($n: Int = 3, $m: Int = 2, $skip: Boolean!, $with: Boolean!, $id: ID = "x", $search: String, $filter: ThingFilter) {
  things(first: $n, filter: $filter) { nodes { latest { value } name @skip(if: $skip) } }
  sites(first: 5, search: $search) @include(if: $with) { nodes { things(first: $m) { nodes { latest @skip(if: $skip) { value } } } } }
  fleet(id: $id) @include(if: $with) { id }
}`);
const operation = getOperationAST(document) as OperationDefinitionNode;

/** The cost, or the refusal. */
function outcome(cost: typeof operationCost, variables: Readonly<Record<string, unknown>>): unknown {
  try {
    return cost(schema, document, operation, variables);
  } catch (error) {
    return String(error);
  }
}

describe('the remembered cost', () => {
  it('is that of the operation, whatever its variables', () => {
    const page = fc.constantFrom(undefined, null, 0, 1, 7, 100, 2_000, 9_999_999);
    const variables = fc
      .record({
        n: page,
        m: page,
        skip: fc.boolean(),
        with: fc.boolean(),
        id: fc.constantFrom(undefined, null, 'a', '7', 'null'),
        search: fc.constantFrom(undefined, null, 'a', 'true'),
        filter: fc.constantFrom(undefined, null, {}, { placeId: 'x' }),
      })
      .map((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)));
    const outcomes = new Set<string>();
    fc.assert(
      fc.property(variables, (each) => {
        const expected = outcome(operationCost, each);
        expect(outcome(rememberedCost, each)).toEqual(expected);
        expect(outcome(rememberedCost, each)).toEqual(expected);
        outcomes.add(JSON.stringify(expected));
      }),
      { numRuns: 1000 },
    );
    expect(outcomes.size).toBeGreaterThan(20);
  });

  it('is computed once for variables that make no difference', () => {
    const variables = { n: 2, m: 2, skip: false, with: true, id: 'a', search: 'b' };
    const first = rememberedCost(schema, document, operation, variables);
    expect(rememberedCost(schema, document, operation, { ...variables, id: 'c', search: 'd' })).toBe(first);
    expect(rememberedCost(schema, document, operation, { ...variables, n: 3 })).not.toEqual(first);
  });

  it('forgets rather than grows', () => {
    const of = (n: number) => rememberedCost(schema, document, operation, { n, m: 1, skip: true, with: false });
    const first = of(1);
    expect(of(1)).toBe(first);
    for (let n = 2; n <= 102; n += 1) of(n);
    expect(of(1)).not.toBe(first);
    expect(of(1)).toEqual(first);
  });

  it('is asked of a document that is valid', () => expect(validate(schema, document)).toEqual([]));
});
