import type { IntegrationRow } from '../../db/tables/things.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { changeRow, type RowChange } from '../change-row.js';
import { writableIntegrations } from './lock-integration.js';

/**
 * Enables or disables an integration and answers it before and after. A disabled one neither delivers nor accepts, from
 * the commit on.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN
 */
export async function setIntegrationEnabled(
  tx: OrgTransaction,
  id: string,
  isEnabled: boolean,
): Promise<RowChange<IntegrationRow>> {
  return changeRow(tx, writableIntegrations, id, { isEnabled });
}
