import { and, eq } from 'drizzle-orm';
import { requireAction } from '../../auth/authorize.js';
import { type IntegrationRow, integrations } from '../../db/tables/things.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { requireChanged } from '../require-changed.js';
import { getIntegration } from './get-integration.js';
import { pathOfIntegration } from './path-of-integration.js';

/**
 * An integration that the actor may write, locked until the transaction ends, so that of two changes at once neither
 * undoes what the other merged into it.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN
 */
export async function lockIntegration(tx: OrgTransaction, id: string): Promise<IntegrationRow> {
  const integration = await getIntegration(tx, id);
  requireAction(tx.identity, 'write', pathOfIntegration(integration), 'integration');
  const rows = await tx.db
    .select()
    .from(integrations)
    .where(and(eq(integrations.orgId, tx.orgId), eq(integrations.id, integration.id)))
    .for('no key update');
  return requireChanged(rows, 'write', 'integration');
}
