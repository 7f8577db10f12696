import type { ResourceMappingRow } from '../../db/tables/integration-records.js';
import { hookPath } from '../../domain/integration/hook-path.js';
import { mappingList } from '../../domain/integration/mapping-list.js';
import { deliveryPage, inboundEventPage } from '../../domain/integration/record-page.js';
import { readPage } from '../../domain/read-page.js';
import { catalogEntry } from '../../integrations/catalog.js';
import { integrationSecrets } from '../secret/integration-secrets.js';
import type { IntegrationResolvers } from '../types.generated.js';

/** Fields of integrations that are no columns. */
export const Integration: IntegrationResolvers = {
  catalogEntry: ({ direction, type }) => catalogEntry(direction, type) ?? null,
  hookPath,
  secrets: integrationSecrets,
  resourceMappings: ({ id }, { first, after, resourceThirdPartyId }, { operational, identity }) =>
    readPage<ResourceMappingRow>(operational, identity, mappingList(id, resourceThirdPartyId), { first, after }),
  deliveries: ({ id }, args, { operational, identity }) => deliveryPage(operational, identity, id, args),
  inboundEvents: ({ id }, args, { operational, identity }) => inboundEventPage(operational, identity, id, args),
};
