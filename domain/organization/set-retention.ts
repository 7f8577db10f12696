import { eq } from 'drizzle-orm';
import { requireAction } from '../../auth/authorize.js';
import { organizationPath } from '../../auth/scopes/resource-path.js';
import { type OrganizationRow, organizations } from '../../db/tables/organizations.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { invalidInput } from '../../errors/bulkhead-error.js';
import { requireChanged } from '../require-changed.js';
import { getOrganization } from './get-organization.js';

/** Bounds of the retention in days. */
const retentionBounds = { min: 1, max: 3650 };

/**
 * Sets for how many days telemetry is kept and answers the organization before and after.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN, BAD_USER_INPUT outside 1–3,650 days
 */
export async function setRetention(
  tx: OrgTransaction,
  days: number,
): Promise<{ before: OrganizationRow; after: OrganizationRow }> {
  if (days < retentionBounds.min || days > retentionBounds.max) {
    throw invalidInput('input.days', `must be between ${retentionBounds.min} and ${retentionBounds.max}`);
  }
  const before = await getOrganization(tx);
  requireAction(tx.identity, 'admin', organizationPath(tx.orgId), 'organization');
  const rows = await tx.db
    .update(organizations)
    .set({ retentionDays: days, updatedAt: new Date(), updatedBy: tx.identity.actor.id })
    .where(eq(organizations.orgId, tx.orgId))
    .returning();
  return { before, after: requireChanged(rows, 'admin', 'organization') };
}
