import { eq } from 'drizzle-orm';
import { requireAction } from '../../auth/authorize.js';
import { organizationPath } from '../../auth/scopes/resource-path.js';
import { type OrganizationRow, organizations } from '../../db/tables/organizations.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { invalidInput } from '../../errors/bulkhead-error.js';
import { requireChanged } from '../require-changed.js';
import { requireConfirmedLowering, requireDays } from './day-bounds.js';
import { getOrganization } from './get-organization.js';

/**
 * Sets after how many days soft-deleted definitions are removed for good, null for never, and answers the organization
 * before and after.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN, BAD_USER_INPUT outside 1–3,650 days or where none are given,
 * CONFIRMATION_REQUIRED for fewer days
 */
export async function setDefinitionPurge(
  tx: OrgTransaction,
  { days, confirm = false }: { readonly days?: number | null | undefined; readonly confirm?: boolean },
): Promise<{ before: OrganizationRow; after: OrganizationRow }> {
  if (days === undefined)
    throw invalidInput('input.days', 'has to be given: null to keep deleted definitions for ever');
  if (days !== null) requireDays('input.days', days);
  const before = await getOrganization(tx);
  requireAction(tx.identity, 'admin', organizationPath(tx.orgId), 'organization');
  requireConfirmedLowering(before.definitionPurgeDays, days, confirm);
  const rows = await tx.db
    .update(organizations)
    .set({ definitionPurgeDays: days, updatedAt: new Date(), updatedBy: tx.identity.actor.id })
    .where(eq(organizations.orgId, tx.orgId))
    .returning();
  return { before, after: requireChanged(rows, 'admin', 'organization') };
}
