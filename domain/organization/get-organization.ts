import { eq } from 'drizzle-orm';
import { type OrganizationRow, organizations } from '../../db/tables/organizations.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { notFound } from '../../errors/bulkhead-error.js';

/**
 * The organization of the transaction.
 * @throws BulkheadError NOT_FOUND without a scope on it
 */
export async function getOrganization(tx: OrgTransaction): Promise<OrganizationRow> {
  const [organization] = await tx.db.select().from(organizations).where(eq(organizations.orgId, tx.orgId));
  if (organization === undefined) throw notFound('organization');
  return organization;
}
