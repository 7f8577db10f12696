import { organizationPath } from '../../auth/scopes/resource-path.js';
import type { OrganizationRow } from '../../db/tables/organizations.js';
import { deleteOrganization } from '../../domain/organization/delete-organization.js';
import { setDefinitionPurge } from '../../domain/organization/set-definition-purge.js';
import { setRetention } from '../../domain/organization/set-retention.js';
import { updateOrganization } from '../../domain/organization/update-organization.js';
import { type Change, ifReadable, mutate } from '../mutate.js';
import type { RequestContext } from '../request-context.js';
import type { MutationResolvers } from '../types.generated.js';

/** Changes of the organization. */
export const Mutation = {
  updateOrganization: (_root, { input }, context) =>
    mutate(context, 'updateOrganization', input, async (tx) => changed(context, await updateOrganization(tx, input))),
  setRetention: (_root, { input }, context) =>
    mutate(context, 'setRetention', input, async (tx) => changed(context, await setRetention(tx, input))),
  setDefinitionPurge: (_root, { input }, context) =>
    mutate(context, 'setDefinitionPurge', input, async (tx) => changed(context, await setDefinitionPurge(tx, input))),
  deleteOrganization: (_root, { input }, context) =>
    mutate(context, 'deleteOrganization', {}, async (tx) => {
      const requestedAt = await deleteOrganization(tx, input);
      return { value: { organizationId: tx.orgId, requestedAt }, resource: organizationPath(tx.orgId) };
    }),
} satisfies MutationResolvers;

function changed(
  context: RequestContext,
  { before, after }: { before: OrganizationRow; after: OrganizationRow },
): Change<{ organization: OrganizationRow | null }> {
  const resource = organizationPath(after.orgId);
  return { value: { organization: ifReadable(context, resource, after) }, resource, before };
}
