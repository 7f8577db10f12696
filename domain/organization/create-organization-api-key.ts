import type { OrgTransaction } from '../../db/with-org.js';
import { type CreatedApiKey, createApiKey, type NewApiKey } from '../api-key/create-api-key.js';
import { getOperatedOrganization } from './operated-organization.js';

/**
 * Creates an API key of the organization of the transaction, which must be an operator's or the system's: the way to the
 * first key of a new organization.
 * @param environment label of the deployment in the text of the key
 * @throws BulkheadError NOT_FOUND for the organization, and as `createApiKey`
 */
export async function createOrganizationApiKey(
  tx: OrgTransaction,
  environment: string,
  input: NewApiKey,
): Promise<CreatedApiKey> {
  await getOperatedOrganization(tx);
  return createApiKey(tx, environment, input);
}
