import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Logger } from 'pino';
import { type ErrorCode, errorCodes } from '../../errors/error-codes.js';
import { codeOf, formatError } from '../format-error.js';
import { logFailure } from '../log-failures.js';

/** A subscription that was refused, with its errors as the client sees them. */
export class SubscriptionRefused extends Error {
  readonly errors: readonly GraphQLFormattedError[];

  constructor(errors: readonly GraphQLFormattedError[]) {
    super('the subscription was refused');
    this.errors = errors;
  }

  /** HTTP status of the first error. */
  get status(): number {
    return errorCodes[this.errors[0]?.extensions?.['code'] as ErrorCode]?.status ?? 500;
  }
}

/** The errors as the client sees them, each on our side with a line in the log. */
export function refused(log: Logger, requestId: string, errors: readonly unknown[]): SubscriptionRefused {
  const [first] = errors;
  if (first instanceof SubscriptionRefused) return first;
  return new SubscriptionRefused(
    errors.map((error) => {
      const shown =
        error instanceof GraphQLError ? error : new GraphQLError(String(error), { originalError: error as Error });
      if (errorCodes[codeOf(shown)].status >= 500) logFailure(log, requestId, shown);
      return formatError(shown.toJSON(), shown);
    }),
  );
}
