import { GraphQLScalarType, Kind } from 'graphql';

/** ISO 8601 with date, time and offset, as RFC 3339 narrows it. */
const pattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/i;

/** A moment: out as UTC with milliseconds, in with any offset. Messages never quote the value. */
export const DateTime = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  description: 'Moment in UTC as ISO 8601 text, e.g. `2026-01-31T12:00:00.000Z`. Input may carry an offset.',
  serialize: (value) => {
    if (value instanceof Date) return value.toISOString();
    throw new TypeError('DateTime must represent a Date');
  },
  parseValue: (value) => requireMoment(value),
  parseLiteral: (node) => requireMoment(node.kind === Kind.STRING ? node.value : undefined),
});

function requireMoment(value: unknown): Date {
  const moment = typeof value === 'string' && pattern.test(value) ? new Date(value) : undefined;
  if (moment === undefined || Number.isNaN(moment.getTime())) {
    throw new TypeError('DateTime must represent a moment as ISO 8601 text with an offset');
  }
  return moment;
}
