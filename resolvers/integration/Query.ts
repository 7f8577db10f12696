import type { IntegrationRow } from '../../db/tables/things.js';
import { withOrg } from '../../db/with-org.js';
import { getIntegration } from '../../domain/integration/get-integration.js';
import { integrationList } from '../../domain/integration/integration-list.js';
import { readPage } from '../../domain/read-page.js';
import { catalog } from '../../integrations/catalog.js';
import type { QueryResolvers } from '../types.generated.js';

/** Queries of integrations. */
export const Query = {
  integrations: (_root, { first, after, direction, search }, { operational, identity }) =>
    readPage<IntegrationRow>(operational, identity, integrationList({ direction, search }), { first, after }),
  integration: (_root, { id }, { operational, identity }) =>
    withOrg(operational, identity, 'read', (tx) => getIntegration(tx, id)),
  integrationCatalog: (_root, { direction }) =>
    direction === null || direction === undefined ? catalog : catalog.filter((entry) => entry.direction === direction),
} satisfies QueryResolvers;
