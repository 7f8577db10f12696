import type { FastifyRequest } from 'fastify';
import { isPrivateAddress } from '../auth/api-keys/address-allow-list.js';
import { parseKey } from '../auth/api-keys/key-format.js';
import { authenticateOperator } from '../db/authenticate-operator.js';
import type { Database } from '../db/database.js';
import { BulkheadError } from '../errors/bulkhead-error.js';
import { presentedKey, unauthenticated } from './authenticate.js';

/**
 * The id of the operator that a request comes from. To callers from other than private addresses the address does not
 * exist.
 * @throws BulkheadError NOT_FOUND, UNAUTHENTICATED
 */
export async function operatorOf(request: FastifyRequest, operational: Database, environment: string): Promise<string> {
  if (!isPrivateAddress(request.ip)) throw new BulkheadError('NOT_FOUND', 'No such address');
  const parsed = parseKey(presentedKey(request.headers));
  const operator =
    parsed?.type === 'OPERATOR' && parsed.environment === environment
      ? await authenticateOperator(operational, parsed.id, parsed.secretHash)
      : undefined;
  if (operator === undefined) throw unauthenticated('The key is not valid');
  request.logFields = { operatorId: operator.id };
  return operator.id;
}
