import { eq } from 'drizzle-orm';
import { requireAction } from '../../auth/authorize.js';
import { organizationPath } from '../../auth/scopes/resource-path.js';
import { type OrganizationRow, organizations } from '../../db/tables/organizations.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { invalidInput } from '../../errors/bulkhead-error.js';
import { optionalText, optionalUrl, requireText } from '../input/text.js';
import { requireChanged } from '../require-changed.js';
import { getOrganization } from './get-organization.js';

/** Fields of the profile to change: absent stays, null clears. */
export interface OrganizationChange {
  readonly name?: string | null | undefined;
  readonly displayName?: string | null | undefined;
  readonly logoUrl?: string | null | undefined;
  readonly primaryColor?: string | null | undefined;
  readonly secondaryColor?: string | null | undefined;
}

/**
 * Changes the profile of the organization and answers it before and after.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN, BAD_USER_INPUT
 */
export async function updateOrganization(
  tx: OrgTransaction,
  input: OrganizationChange,
): Promise<{ before: OrganizationRow; after: OrganizationRow }> {
  const before = await getOrganization(tx);
  requireAction(tx.identity, 'write', organizationPath(tx.orgId), 'organization');
  const rows = await tx.db
    .update(organizations)
    .set({
      ...(input.name === undefined ? {} : { name: requireText('input.name', input.name, { max: 200 }) }),
      displayName: optionalText('input.displayName', input.displayName, { max: 200 }),
      logoUrl: optionalUrl('input.logoUrl', input.logoUrl),
      primaryColor: optionalColor('input.primaryColor', input.primaryColor),
      secondaryColor: optionalColor('input.secondaryColor', input.secondaryColor),
      updatedAt: new Date(),
      updatedBy: tx.identity.actor.id,
    })
    .where(eq(organizations.orgId, tx.orgId))
    .returning();
  return { before, after: requireChanged(rows, 'write', 'organization') };
}

function optionalColor(field: string, value: string | null | undefined): string | null | undefined {
  if (value === null || value === undefined) return value;
  if (!/^#[0-9a-fA-F]{6}$/.test(value)) throw invalidInput(field, 'must be a colour as #rrggbb');
  return value.toLowerCase();
}
