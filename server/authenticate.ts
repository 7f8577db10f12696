import type { IncomingHttpHeaders } from 'node:http';
import { allows } from '../auth/api-keys/address-allow-list.js';
import type { AuthenticatedKey } from '../auth/api-keys/authenticate.js';
import { type ParsedKey, parseKey } from '../auth/api-keys/key-format.js';
import type { RememberedKeys } from '../auth/api-keys/remembered-keys.js';
import { createIdentity, type Identity } from '../auth/identity.js';
import { BulkheadError } from '../errors/bulkhead-error.js';
import { graphqlScopes } from '../resolvers/api-key/graphql-scopes.js';
import type { CallingKey } from '../resolvers/request-context.js';

/** Who a request comes from. */
export interface Caller {
  readonly identity: Identity;
  readonly key: CallingKey;
  /** What was presented, to look it up again. */
  readonly presented: ParsedKey;
  /** When the key, or its secret, ends, by `performance.now()`; infinite for never. */
  readonly endsAtMs: number;
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
 * Finds the key of a request and checks that it is active and may be used from this address. A key that was revoked or
 * changed a moment ago, on another instance, may still be remembered here: PostgreSQL refuses its first transaction
 * (see `confirmed`).
 * @throws BulkheadError UNAUTHENTICATED, the same for a malformed, unknown, wrong, revoked and expired key;
 * ADDRESS_NOT_ALLOWED
 */
export async function authenticate(
  keys: RememberedKeys,
  headers: IncomingHttpHeaders,
  clientAddress: string,
  requestId: string,
  environment: string,
): Promise<Caller> {
  return authenticateText(keys, presentedKey(headers), clientAddress, requestId, environment);
}

/** The same for the text of a key that did not come in a header. */
export async function authenticateText(
  keys: RememberedKeys,
  text: string,
  clientAddress: string,
  requestId: string,
  environment: string,
): Promise<Caller> {
  const parsed = parseKey(text);
  if (parsed === undefined || parsed.type === 'OPERATOR' || parsed.environment !== environment) {
    throw unauthenticated('The key is not valid');
  }
  return callerOf(keys, parsed, clientAddress, requestId);
}

/**
 * Who presents a key, from this address.
 * @throws BulkheadError as `authenticate`
 */
export async function callerOf(
  keys: RememberedKeys,
  presented: ParsedKey,
  clientAddress: string,
  requestId: string,
): Promise<Caller> {
  const found = await keys.find(presented);
  if (found === undefined || !found.active) throw unauthenticated('The key is not valid');
  if (!allows(found.allowedCidrs, clientAddress)) {
    throw new BulkheadError('ADDRESS_NOT_ALLOWED', 'The key may not be used from this address');
  }
  return {
    identity: createIdentity(
      {
        orgId: found.orgId,
        actor: { type: 'API_KEY', id: found.key.id },
        scopes: found.scopes,
        keyRevision: found.revision,
        requestId,
        clientAddress,
      },
      found.grants,
    ),
    key: callingKey(found),
    presented,
    endsAtMs: found.endsAtMs,
  };
}

const callingKeys = new WeakMap<AuthenticatedKey, CallingKey>();

/** The key as `me` shows it, made once for a key that is remembered. */
function callingKey(found: AuthenticatedKey): CallingKey {
  let key = callingKeys.get(found);
  if (key === undefined) {
    key = { ...found.key, scopes: graphqlScopes(found.key.scopes) };
    callingKeys.set(found, key);
  }
  return key;
}

/** The error for a request without a valid key. */
export function unauthenticated(message: string): BulkheadError {
  return new BulkheadError('UNAUTHENTICATED', message);
}
