import type { IncomingHttpHeaders } from 'node:http';
import { allows } from '../auth/api-keys/address-allow-list.js';
import { authenticate as authenticateKey } from '../auth/api-keys/authenticate.js';
import { parseKey } from '../auth/api-keys/key-format.js';
import { createIdentity, type Identity } from '../auth/identity.js';
import type { Database } from '../db/database.js';
import { BulkheadError } from '../errors/bulkhead-error.js';
import { graphqlScopes } from '../resolvers/api-key/graphql-scopes.js';
import type { CallingKey } from '../resolvers/request-context.js';

/** Who a request comes from. */
export interface Caller {
  readonly identity: Identity;
  readonly key: CallingKey;
}

/**
 * The key text of a request: `X-Api-Key`, or `Authorization: Bearer`; never anything in the address, which ends up in
 * logs. Two different keys are refused rather than one of them chosen.
 * @throws BulkheadError UNAUTHENTICATED
 */
export function presentedKey(headers: IncomingHttpHeaders): string {
  const header = headers['x-api-key'];
  const bearer = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
  if (Array.isArray(header) || (header !== undefined && bearer !== undefined && header !== bearer)) {
    throw unauthenticated('The request carries two different keys');
  }
  const key = header ?? bearer;
  if (key === undefined || key === '') throw unauthenticated('The request carries no key');
  return key;
}

/**
 * Finds the key of a request and checks that it is active and may be used from this address. Nothing is remembered: a
 * key that was revoked a moment ago, on any instance, is refused here.
 * @throws BulkheadError UNAUTHENTICATED, the same for a malformed, unknown, wrong, revoked and expired key;
 * ADDRESS_NOT_ALLOWED
 */
export async function authenticate(
  operational: Database,
  headers: IncomingHttpHeaders,
  clientAddress: string,
  requestId: string,
  environment: string,
): Promise<Caller> {
  const parsed = parseKey(presentedKey(headers));
  if (parsed === undefined || parsed.type === 'OPERATOR' || parsed.environment !== environment) {
    throw unauthenticated('The key is not valid');
  }
  const found = await authenticateKey(operational, parsed);
  if (found === undefined || !found.active) throw unauthenticated('The key is not valid');
  if (!allows(found.allowedCidrs, clientAddress)) {
    throw new BulkheadError('ADDRESS_NOT_ALLOWED', 'The key may not be used from this address');
  }
  return {
    identity: createIdentity({
      orgId: found.orgId,
      actor: { type: 'API_KEY', id: found.key.id },
      scopes: found.scopes,
      requestId,
      clientAddress,
    }),
    key: { ...found.key, scopes: graphqlScopes(found.key.scopes) },
  };
}

/** The error for a request without a valid key. */
export function unauthenticated(message: string): BulkheadError {
  return new BulkheadError('UNAUTHENTICATED', message);
}
