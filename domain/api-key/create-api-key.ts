import { and, eq } from 'drizzle-orm';
import { parseAddressAllowList } from '../../auth/api-keys/address-allow-list.js';
import { generateKey } from '../../auth/api-keys/key-format.js';
import { storeScopes } from '../../auth/api-keys/stored-scopes.js';
import { requireAction } from '../../auth/authorize.js';
import type { ScopeInput } from '../../auth/scopes/parse-scopes.js';
import { apiKeyPath } from '../../auth/scopes/resource-path.js';
import { apiKeySecrets, apiKeys } from '../../db/tables/api-keys.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { BulkheadError } from '../../errors/bulkhead-error.js';
import { newId } from '../input/id.js';
import { requireText } from '../input/text.js';
import { apiKeyStatus } from './api-key-columns.js';
import { readCallingBounds, refuseBeyondCaller, requireFuture } from './calling-bounds.js';
import { requestedScopes } from './requested-scopes.js';

/** Active keys of one organization at most. */
export const maxActiveApiKeys = 1000;

/** A new API key. */
export interface NewApiKey {
  readonly name: string;
  readonly type: 'EXTERNAL' | 'ADMIN';
  readonly scopes: readonly ScopeInput[];
  readonly allowedCidrs?: readonly string[] | null | undefined;
  readonly expiresAt?: Date | null | undefined;
}

/** A key whose secret can be shown, this once. */
export interface CreatedApiKey {
  readonly id: string;
  /** The whole text of the key; only the SHA-256 of its secret part is stored. */
  readonly text: string;
}

/**
 * Creates an API key that may do no more than who calls, and answers its text.
 * @param environment label of the deployment in the text of the key
 * @throws BulkheadError FORBIDDEN without `admin` on all keys, or for bounds beyond those of the calling key;
 * BAD_USER_INPUT; LIMIT_EXCEEDED at 1,000 active keys
 */
export async function createApiKey(tx: OrgTransaction, environment: string, input: NewApiKey): Promise<CreatedApiKey> {
  requireAction(tx.identity, 'admin', apiKeyPath('#'), 'API key');
  const name = requireText('input.name', input.name, { max: 200 });
  const allowedCidrs = parseAddressAllowList(input.allowedCidrs ?? [], 'input.allowedCidrs');
  const scopes = await requestedScopes(tx, input.type, input.scopes);
  const caller = await readCallingBounds(tx);
  const expiresAt = requireFuture(input.expiresAt ?? null, caller.now);
  refuseBeyondCaller(caller, { scopes, allowedCidrs, expiresAt });
  await requireRoom(tx);
  const { id, text, secretHash } = generateKey(input.type, environment);
  await tx.db.insert(apiKeys).values({
    orgId: tx.orgId,
    id,
    type: input.type,
    name,
    scopes: storeScopes(scopes),
    allowedCidrs,
    expiresAt,
    createdBy: tx.identity.actor.id,
  });
  await tx.db.insert(apiKeySecrets).values({ orgId: tx.orgId, keyId: id, id: newId(), secretHash });
  await tx.sql`select platform.register_api_key(${id})`;
  return { id, text };
}

/** Two creations at once would each count without the other. Who may create keys may see all of them in a write. */
async function requireRoom(tx: OrgTransaction): Promise<void> {
  await tx.sql`select pg_advisory_xact_lock(hashtextextended(${`bulkhead:api-keys:${tx.orgId}`}, 0))`;
  const active = await tx.db.$count(apiKeys, and(eq(apiKeys.orgId, tx.orgId), eq(apiKeyStatus, 'ACTIVE')));
  if (active >= maxActiveApiKeys) {
    throw new BulkheadError('LIMIT_EXCEEDED', `The organization has ${maxActiveApiKeys} active API keys`);
  }
}
