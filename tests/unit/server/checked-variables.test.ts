import { makeExecutableSchema } from '@graphql-tools/schema';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  GraphQLScalarType,
  getIntrospectionQuery,
  getOperationAST,
  type OperationDefinitionNode,
  parse,
} from 'graphql';
import { pino } from 'pino';
import { createApollo } from '../../../server/apollo.js';
import { checkVariables } from '../../../server/check-variables.js';
import { checkedVariables, noteChecked } from '../../../server/checked-variables.js';

let parsed = 0;
const Counted = new GraphQLScalarType({
  name: 'Counted',
  parseValue: (value) => {
    parsed += 1;
    return { value };
  },
  serialize: (value) => value,
});
const schema = makeExecutableSchema({
  typeDefs: `
    scalar Counted
    input Item { value: Counted!, kind: String! = "plain" }
    type Query { sum(items: [Item!]!, at: Counted, factor: Int! = 2): String, name: String }
  `,
  resolvers: { Counted, Query: { sum: (_parent: unknown, args: object) => JSON.stringify(args), name: () => 'x' } },
});
const apollo = await createApollo(
  schema,
  [
    {
      requestDidStart: async () => ({
        didResolveOperation: async ({ schema: of, operation, request }) => {
          if (operation) noteChecked(request, checkVariables(of, operation, request.variables ?? {}));
        },
      }),
    },
  ],
  pino({ level: 'silent' }),
);
afterAll(() => apollo.stop());
beforeEach(() => {
  parsed = 0;
});

async function run(query: string, variables: Record<string, unknown> = {}) {
  const { body } = await apollo.executeOperation({ query, variables });
  if (body.kind !== 'single') throw new Error('one answer expected');
  const { data, errors } = body.singleResult;
  return { data: data as Record<string, string> | undefined, errors };
}

describe('checked variables', () => {
  const document = `
    query Sum($items: [Item!]!, $at: Counted, $factor: Int = 5) { sum(items: $items, at: $at, factor: $factor) }
    query Other($factor: Int!) { name @include(if: true) sum(items: [], factor: $factor) }`;

  it('are coerced once, and are what the resolver sees', async () => {
    const query = document.slice(0, document.indexOf('query Other'));
    for (let turn = 1; turn <= 3; turn += 1) {
      const { data, errors } = await run(query, { items: [{ value: 1 }, { value: 2, kind: 'b' }], at: 3 });
      expect(errors).toBeUndefined();
      expect(JSON.parse(data!['sum']!)).toEqual({
        items: [
          { value: { value: 1 }, kind: 'plain' },
          { value: { value: 2 }, kind: 'b' },
        ],
        at: { value: 3 },
        factor: 5,
      });
      expect(parsed).toBe(3 * turn);
    }
  });

  it('keep apart what is absent, null and given', async () => {
    const query = 'query ($at: Counted, $factor: Int = 5) { sum(items: [], at: $at, factor: $factor) }';
    const sum = async (variables: Record<string, unknown>) => JSON.parse((await run(query, variables)).data!['sum']!);
    expect(await sum({})).toEqual({ items: [], factor: 5 });
    expect(await sum({ at: null, factor: 1 })).toEqual({ items: [], at: null, factor: 1 });
    const { data, errors } = await run(query, { factor: null });
    expect([data, errors?.[0]?.path]).toEqual([{ sum: null }, ['sum']]);
  });

  it('belong to the operation that is run, of several', async () => {
    const of = (operationName: string, variables: Record<string, unknown>) =>
      apollo.executeOperation({ query: document, operationName, variables });
    for (const [name, variables] of [
      ['Sum', { items: [] }],
      ['Other', { factor: 1 }],
      ['Sum', { items: [] }],
    ] as const) {
      const { body } = await of(name, variables);
      expect(body).toMatchObject({ kind: 'single', singleResult: { data: { sum: expect.any(String) } } });
    }
  });

  it('are of a type that no document and no introspection can name', async () => {
    expect((await run('query ($x: Checked) { sum(items: [], at: $x) }')).errors?.[0]?.message).toContain(
      'Unknown type',
    );
    expect((await run('{ __type(name: "Checked") { name } }')).data).toEqual({ __type: null });
    expect(JSON.stringify((await run(getIntrospectionQuery())).data)).not.toContain('"Checked"');
    expect(JSON.stringify((await run(getIntrospectionQuery())).data)).toContain('"Counted"');
  });

  it('have names of their own, whatever these are', () => {
    const document = parse('query ($__proto__: Item = { value: 1, kind: "b" }) { sum(items: [$__proto__]) }');
    const variables = checkVariables(schema, getOperationAST(document) as OperationDefinitionNode, {});
    expect([Object.keys(variables), 'kind' in variables]).toEqual([['__proto__'], false]);
  });

  it('are not there before they are checked', () => expect(checkedVariables({})).toBeUndefined());
});
