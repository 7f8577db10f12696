import { organizationPath } from '../../auth/scopes/resource-path.js';
import type { OrganizationRow } from '../../db/tables/organizations.js';
import { setRetention } from '../../domain/organization/set-retention.js';
import { updateOrganization } from '../../domain/organization/update-organization.js';
import { type Change, mutate } from '../mutate.js';
import type { MutationResolvers } from '../types.generated.js';

/** Changes of the organization. */
export const Mutation = {
  updateOrganization: (_root, { input }, context) =>
    mutate(context, 'updateOrganization', input, async (tx) => changed(await updateOrganization(tx, input))),
  setRetention: (_root, { input }, context) =>
    mutate(context, 'setRetention', input, async (tx) => changed(await setRetention(tx, input.days))),
} satisfies MutationResolvers;

function changed(rows: { before: OrganizationRow; after: OrganizationRow }): Change<{ organization: OrganizationRow }> {
  return { value: { organization: rows.after }, resource: organizationPath(rows.after.orgId), before: rows.before };
}
