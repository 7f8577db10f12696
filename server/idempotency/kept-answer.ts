import type { FormattedExecutionResult, GraphQLFormattedError } from 'graphql';
import type { IdempotencyClaim } from '../../auth/idempotency-claim.js';
import { type ErrorCode, errorCodes } from '../../errors/error-codes.js';
import { errorAt } from './error-at.js';
import { secretShownOnce } from './show-once.js';

/** Statuses of what a mutation may be refused with for good: asked the same again, it answers the same. */
const lastingStatuses = [404, 409, 410, 422];
/** Statuses of what may be different a moment later. */
const passingStatuses = [401, 408, 429];

/**
 * The answer to be kept of an executed mutation, as JSON: of one with an effect any but what failed for a passing reason,
 * of one that was refused only what the request itself is the reason of. Secrets are left out.
 * @returns undefined for one that is not kept
 */
export function keptAnswer(result: FormattedExecutionResult, claim: IdempotencyClaim): string | undefined {
  const { data, errors = [] } = result;
  const isRefused = claim.state !== 'DONE' && errors.length > 0;
  if (!errors.every((error) => (isRefused ? isLasting(error) : !isPassing(error)))) return undefined;
  const [secret] = claim.shownOnce;
  if (secret !== undefined) {
    return JSON.stringify(errorAt(secret, secretShownOnce(claim.reference?.resource)));
  }
  return JSON.stringify(errors.length === 0 ? { data } : { errors, data });
}

function isLasting(error: GraphQLFormattedError): boolean {
  const code = codeOf(error);
  return !code.startsWith('IDEMPOTENCY_KEY_') && lastingStatuses.includes(errorCodes[code].status);
}

function isPassing(error: GraphQLFormattedError): boolean {
  const { status } = errorCodes[codeOf(error)];
  return status >= 500 || passingStatuses.includes(status);
}

function codeOf({ extensions }: GraphQLFormattedError): ErrorCode {
  return extensions?.['code'] as ErrorCode;
}
