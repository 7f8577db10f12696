import { and, eq } from 'drizzle-orm';
import { requireAction } from '../../auth/authorize.js';
import { type IntegrationRow, integrations } from '../../db/tables/things.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { requireUuid } from '../input/id.js';
import { lockRow } from '../lock-row.js';
import { getIntegration } from './get-integration.js';
import { pathOfIntegration } from './path-of-integration.js';

/**
 * An integration that the actor may write, locked until the transaction ends, so that of two changes at once neither
 * undoes what the other merged into it.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN
 */
export async function lockIntegration(tx: OrgTransaction, id: string): Promise<IntegrationRow> {
  return lockRow(
    tx.db
      .select()
      .from(integrations)
      .where(and(eq(integrations.orgId, tx.orgId), eq(integrations.id, requireUuid(id, 'integration'))))
      .for('no key update'),
    () => getIntegration(tx, id),
    (integration) => requireAction(tx.identity, 'write', pathOfIntegration(integration), 'integration'),
    'integration',
  );
}
