import { GraphQLScalarType, Kind } from 'graphql';

/** The largest moment of a Date, in milliseconds (ECMA-262, time values). */
const maxMillis = 8.64e15;

/** Milliseconds since 1970 as an integer or its decimal text. Messages never quote the value. */
export const EpochMillis = new GraphQLScalarType<number, number>({
  name: 'EpochMillis',
  description: 'Moment as milliseconds since 1970-01-01T00:00:00Z: an integer, or its decimal text.',
  serialize: (value) => requireMillis(value),
  parseValue: (value) => requireMillis(value),
  parseLiteral: (node) => requireMillis(node.kind === Kind.INT || node.kind === Kind.STRING ? node.value : undefined),
});

function requireMillis(value: unknown): number {
  const millis = typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : value;
  if (typeof millis !== 'number' || !Number.isInteger(millis) || Math.abs(millis) > maxMillis) {
    throw new TypeError('EpochMillis must represent an integer number of milliseconds');
  }
  return millis;
}
