import { GraphQLScalarType, Kind } from 'graphql';
import { readDateTime } from '../../db/date-time.js';

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
  const text = typeof value === 'string' ? readDateTime(value) : undefined;
  const moment = text === undefined ? undefined : new Date(text);
  // PostgreSQL has no year 0, and what lies there is no moment of any device.
  if (moment === undefined || moment.getUTCFullYear() < 1) {
    throw new TypeError('DateTime must represent a moment of the calendar as ISO 8601 text with an offset');
  }
  return moment;
}
