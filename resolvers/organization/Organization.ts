import type { OrganizationResolvers } from '../types.generated.js';

/** Fields of the organization. */
export const Organization: OrganizationResolvers = { id: (organization) => organization.orgId };
