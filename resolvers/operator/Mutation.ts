import { apiKeyPath, organizationPath } from '../../auth/scopes/resource-path.js';
import { withOrg } from '../../db/with-org.js';
import { setDataLimit } from '../../domain/data-package/set-data-limit.js';
import { createOrganization } from '../../domain/organization/create-organization.js';
import { createOrganizationApiKey } from '../../domain/organization/create-organization-api-key.js';
import { getOperatedOrganization } from '../../domain/organization/operated-organization.js';
import { setOrganizationLimits } from '../../domain/organization/set-organization-limits.js';
import { writtenScopes } from '../api-key/graphql-scopes.js';
import { operate, operatorOn } from './operate.js';
import type { MutationResolvers } from './types.generated.js';

/** Changes by operators. */
export const Mutation = {
  createOrganization: async (_root, { input }, context) => {
    const { operational, telemetryKey } = context;
    const orgId = await createOrganization(operational, telemetryKey, (id) => operatorOn(context, id), input.name);
    const organization = await withOrg(operational, operatorOn(context, orgId), 'read', getOperatedOrganization);
    return { organization };
  },
  createOrganizationApiKey: async (_root, { input }, context) =>
    operate(context, input.orgId, 'createOrganizationApiKey', input, async (tx) => {
      const key = { ...input, type: input.type ?? 'ADMIN', scopes: writtenScopes(input.scopes) };
      const { id, text } = await createOrganizationApiKey(tx, context.environment, key);
      return { value: { id, secret: text }, resource: apiKeyPath(id) };
    }),
  setOrganizationLimits: async (_root, { input }, context) =>
    operate(context, input.orgId, 'setOrganizationLimits', input, async (tx) => {
      const { before, after } = await setOrganizationLimits(tx, input);
      return { value: { organization: after }, resource: organizationPath(after.id), before: before.rateLimits };
    }),
  setDataLimit: async (_root, { input }, context) =>
    operate(context, input.orgId, 'setDataLimit', input, async (tx) => {
      const { before, after } = await setDataLimit(tx, input.limitMebibytes);
      return { value: { organization: after }, resource: organizationPath(after.id), before: before.dataPackage };
    }),
} satisfies MutationResolvers;
