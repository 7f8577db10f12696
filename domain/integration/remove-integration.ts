import { and, eq } from 'drizzle-orm';
import { type IntegrationRow, integrations } from '../../db/tables/things.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { refuseDependants } from '../refuse-dependants.js';
import { requireChanged } from '../require-changed.js';
import { lockIntegration } from './lock-integration.js';

/**
 * The integration, if the actor may delete it and nothing uses it: to be asked before its secrets, which are
 * in another store, are deleted.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN, CONFLICT while things take part in it or alerts fire it
 */
export async function requireRemovable(tx: OrgTransaction, id: string): Promise<IntegrationRow> {
  const integration = await lockIntegration(tx, id);
  const [dependants] = await tx.sql<{ things: string; alerts: string }[]>`
    select things, alerts from app.integration_dependants(${integration.id})`;
  refuseDependants('integration', { things: dependants?.things, alerts: dependants?.alerts });
  return integration;
}

/**
 * Deletes the row of an integration that nothing uses and answers what it was. Its secrets are in another
 * store.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN, CONFLICT while things take part in it or alerts fire it
 */
export async function removeIntegration(tx: OrgTransaction, id: string): Promise<IntegrationRow> {
  const integration = await requireRemovable(tx, id);
  const rows = await tx.db
    .delete(integrations)
    .where(and(eq(integrations.orgId, tx.orgId), eq(integrations.id, integration.id)))
    .returning({ id: integrations.id });
  requireChanged(rows, 'write', 'integration');
  return integration;
}
