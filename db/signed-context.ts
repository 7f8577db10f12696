import { createHmac } from 'node:crypto';
import type { Identity } from '../auth/identity.js';

/** Why a transaction is opened: PostgreSQL shows it `read` scopes, or `read` and `write` scopes and lets it change. */
export type Purpose = 'read' | 'write';

/** Seconds for which a context is accepted; a transaction that lives longer sees no more rows. */
const contextLifetimeSeconds = 30;

/**
 * The value of `app.context` for one connection: HMAC-SHA-256 (RFC 2104) in hex, then the JSON that it signs.
 * `app.context()` in the database verifies it.
 * @param key the context key, 32 bytes
 * @param pid process id of the connection's backend: the context is worth nothing on another connection
 */
export function signContext(key: Buffer, identity: Identity, purpose: Purpose, pid: number): string {
  const payload = JSON.stringify({
    org: identity.orgId,
    actorType: identity.actor.type,
    actorId: identity.actor.id,
    requestId: identity.requestId,
    clientAddress: identity.clientAddress,
    purpose,
    grants: identity.grants,
    pid,
    expires: Date.now() / 1000 + contextLifetimeSeconds,
  });
  return createHmac('sha256', key).update(payload, 'utf8').digest('hex') + payload;
}
