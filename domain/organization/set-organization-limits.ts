import type { OrgTransaction } from '../../db/with-org.js';
import { invalidInput } from '../../errors/bulkhead-error.js';
import { getOperatedOrganization, type OperatedOrganization, type OperatedRateLimit } from './operated-organization.js';

/** Bounds of tokens a minute and of bursts, as the table checks them. */
const tokenBounds = { min: 1, max: 1_000_000 };

/**
 * Sets a rate limit of the organization of the transaction, effective with its next request, and answers it before and
 * after. The transaction must be an operator's or the system's.
 * @throws BulkheadError BAD_USER_INPUT outside 1–1,000,000, NOT_FOUND, FORBIDDEN for other actors
 */
export async function setOrganizationLimits(
  tx: OrgTransaction,
  { tier, perMinute, burst }: OperatedRateLimit,
): Promise<{ before: OperatedOrganization; after: OperatedOrganization }> {
  requireTokens('input.perMinute', perMinute);
  requireTokens('input.burst', burst);
  const before = await getOperatedOrganization(tx);
  await tx.sql`select platform.set_rate_limit(${tier}, ${perMinute}, ${burst})`;
  return { before, after: await getOperatedOrganization(tx) };
}

function requireTokens(field: string, tokens: number): void {
  const { min, max } = tokenBounds;
  if (!Number.isInteger(tokens) || tokens < min || tokens > max) {
    throw invalidInput(field, `must be between ${min} and ${max}`);
  }
}
