import { eq } from 'drizzle-orm';
import { requireAction } from '../../auth/authorize.js';
import { organizationPath } from '../../auth/scopes/resource-path.js';
import { type OrganizationRow, organizations } from '../../db/tables/organizations.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { requireChanged } from '../require-changed.js';
import { requireConfirmedLowering, requireDays } from './day-bounds.js';
import { getOrganization } from './get-organization.js';

/**
 * Sets for how many days telemetry is kept and answers the organization before and after. A confirmation is noted with
 * the cut-off of now: readings before it go, however many they are. Without one, what was confirmed before is void.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN, BAD_USER_INPUT outside 1–3,650 days, CONFIRMATION_REQUIRED for fewer days
 */
export async function setRetention(
  tx: OrgTransaction,
  { days, confirm = false }: { readonly days: number; readonly confirm?: boolean },
): Promise<{ before: OrganizationRow; after: OrganizationRow }> {
  requireDays('input.days', days);
  const before = await getOrganization(tx);
  requireAction(tx.identity, 'admin', organizationPath(tx.orgId), 'organization');
  requireConfirmedLowering(before.retentionDays, days, confirm);
  const rows = await tx.db
    .update(organizations)
    .set({ retentionDays: days, updatedAt: new Date(), updatedBy: tx.identity.actor.id })
    .where(eq(organizations.orgId, tx.orgId))
    .returning();
  const after = requireChanged(rows, 'admin', 'organization');
  await tx.sql`
    insert into app.retention_states (org_id, confirmed_before)
    values (${tx.orgId}, case when ${confirm}::boolean then clock_timestamp() - make_interval(days => ${days}::int) end)
    on conflict (org_id) do update set confirmed_before = excluded.confirmed_before`;
  return { before, after };
}
