import { integrationPath } from '../../auth/scopes/resource-path.js';
import type { IntegrationRow } from '../../db/tables/things.js';

/** Canonical resource path of an integration. */
export function pathOfIntegration(integration: Pick<IntegrationRow, 'direction' | 'type' | 'id'>): string {
  return integrationPath(integration.direction, integration.type, integration.id);
}
