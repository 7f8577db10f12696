import { withOrg } from '../../db/with-org.js';
import { getDataPackage } from '../../domain/data-package/data-package.js';
import { getOrganization } from '../../domain/organization/get-organization.js';
import { getRetention } from '../../domain/organization/get-retention.js';
import { previewRetention } from '../../domain/organization/preview-retention.js';
import type { QueryResolvers } from '../types.generated.js';

/** Queries of the caller and its organization. */
export const Query = {
  me: (_root, _args, { key, identity }) => ({
    keyId: key.id,
    name: key.name,
    type: key.type,
    orgId: identity.orgId,
    scopes: key.scopes,
  }),
  organization: (_root, _args, { operational, identity }) => withOrg(operational, identity, 'read', getOrganization),
  retention: (_root, _args, { operational, identity }) => withOrg(operational, identity, 'read', getRetention),
  dataPackage: (_root, _args, { operational, identity }) => withOrg(operational, identity, 'read', getDataPackage),
  retentionPreview: (_root, { days }, { operational, telemetry, identity }) =>
    previewRetention(operational, telemetry, identity, days),
  rateLimits: (_root, _args, { rateLimits }) => rateLimits,
} satisfies QueryResolvers;
