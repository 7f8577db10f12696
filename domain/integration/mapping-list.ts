import { eq } from 'drizzle-orm';
import { resourceMappings } from '../../db/tables/integration-records.js';
import { requireText } from '../input/text.js';
import type { ListQuery } from '../read-page.js';

/**
 * Resource mappings of an integration.
 * @param resourceThirdPartyId only those of this id of the third party
 * @throws BulkheadError BAD_USER_INPUT
 */
export function mappingList(integrationId: string, resourceThirdPartyId: string | null | undefined): ListQuery {
  return {
    name: `resourceMappings:${JSON.stringify([integrationId, resourceThirdPartyId ?? null])}`,
    table: resourceMappings,
    conditions: [
      eq(resourceMappings.integrationId, integrationId),
      resourceThirdPartyId === null || resourceThirdPartyId === undefined
        ? undefined
        : eq(
            resourceMappings.resourceThirdPartyId,
            requireText('resourceThirdPartyId', resourceThirdPartyId, { max: 200 }),
          ),
    ],
  };
}
