import { requireAction } from '../../auth/authorize.js';
import { type IntegrationRow, integrations } from '../../db/tables/things.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { requireUuid } from '../input/id.js';
import { lockRow } from '../lock-row.js';
import type { WritableRows } from '../writable-rows.js';
import { getIntegration } from './get-integration.js';
import { pathOfIntegration } from './path-of-integration.js';

/** Integrations to be changed. */
export const writableIntegrations: WritableRows<typeof integrations> = {
  noun: 'integration',
  table: integrations,
  key: (id) => ({ id: requireUuid(id, 'integration') }),
  read: getIntegration,
  decide: (tx, integration) => requireAction(tx.identity, 'write', pathOfIntegration(integration), 'integration'),
};

/**
 * An integration that the actor may write, locked until the transaction ends.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN
 */
export function lockIntegration(tx: OrgTransaction, id: string): Promise<IntegrationRow> {
  return lockRow(tx, writableIntegrations, id);
}
