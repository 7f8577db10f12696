import type { OrgTransaction } from '../../db/with-org.js';
import { invalidInput } from '../../errors/bulkhead-error.js';
import { getOperatedOrganization, type OperatedOrganization } from '../organization/operated-organization.js';

/** Bounds of a limit in MiB, as the table checks them: 16 TiB. */
const bounds = { min: 1, max: 16_777_216 };

/**
 * Sets how much data the organization of the transaction may have, and answers it before and after. It holds for requests
 * that begin after the commit: what was measured last is judged by the new limit at once. The transaction must be an
 * operator's or the system's.
 * @throws BulkheadError BAD_USER_INPUT outside 1–16,777,216 MiB, NOT_FOUND, FORBIDDEN for other actors
 */
export async function setDataLimit(
  tx: OrgTransaction,
  limitMebibytes: number,
): Promise<{ before: OperatedOrganization; after: OperatedOrganization }> {
  const { min, max } = bounds;
  if (!Number.isInteger(limitMebibytes) || limitMebibytes < min || limitMebibytes > max) {
    throw invalidInput('input.limitMebibytes', `must be between ${min} and ${max}`);
  }
  const before = await getOperatedOrganization(tx);
  await tx.sql`select platform.set_data_limit(${limitMebibytes})`;
  return { before, after: await getOperatedOrganization(tx) };
}
