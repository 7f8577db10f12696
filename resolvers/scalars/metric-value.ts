import { GraphQLScalarType, Kind, type ValueNode } from 'graphql';

/**
 * A value of a reading. Integers of a document stay decimal text, because a JavaScript number would round them beyond
 * 2^53; the declared type of the metric decides later what they become.
 */
export const MetricValue = new GraphQLScalarType<unknown, unknown>({
  name: 'MetricValue',
  description:
    'Value of a reading. INT travels as decimal text (exact 64-bit integer), DOUBLE as number, STRING as text, BOOL as boolean, JSON as JSON value. As input, numbers, booleans, text and JSON are coerced to the declared type of the metric.',
  serialize: (value) => value,
  parseValue: (value) => value,
  parseLiteral: (node, variables) => literalValue(node, variables ?? {}),
});

function literalValue(node: ValueNode, variables: Readonly<Record<string, unknown>>): unknown {
  switch (node.kind) {
    case Kind.INT:
    case Kind.STRING:
    case Kind.ENUM:
      return node.value;
    case Kind.FLOAT:
      return Number(node.value);
    case Kind.BOOLEAN:
      return node.value;
    case Kind.NULL:
      return null;
    case Kind.LIST:
      return node.values.map((value) => literalValue(value, variables));
    case Kind.OBJECT:
      return Object.fromEntries(node.fields.map((field) => [field.name.value, literalValue(field.value, variables)]));
    case Kind.VARIABLE:
      return variables[node.name.value];
  }
}
