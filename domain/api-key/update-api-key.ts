import { and, eq, sql } from 'drizzle-orm';
import { parseAddressAllowList } from '../../auth/api-keys/address-allow-list.js';
import { possibleScopes, storeScopes } from '../../auth/api-keys/stored-scopes.js';
import type { ScopeInput } from '../../auth/scopes/parse-scopes.js';
import { type ApiKeyRow, apiKeys } from '../../db/tables/api-keys.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { invalidInput } from '../../errors/bulkhead-error.js';
import { requireText } from '../input/text.js';
import { requireChanged } from '../require-changed.js';
import { apiKeyColumns } from './api-key-columns.js';
import { readCallingBounds, refuseBeyondCaller, requireFuture } from './calling-bounds.js';
import { claimApiKey, requireActive } from './claim-api-key.js';
import { requestedScopes } from './requested-scopes.js';

/** Fields of an API key to change: absent stays. */
export interface ApiKeyChange {
  readonly id: string;
  readonly name?: string | null | undefined;
  readonly scopes?: readonly ScopeInput[] | null | undefined;
  readonly allowedCidrs?: readonly string[] | null | undefined;
  readonly expiresAt?: Date | null | undefined;
}

/**
 * Changes an active key and answers it before and after. Once any bound of it is changed, all of them have to lie within
 * those of the caller: else new scopes would reach, through an old expiry or address list, beyond what the caller has.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN, CONFLICT for an expired or revoked key, BAD_USER_INPUT
 */
export async function updateApiKey(
  tx: OrgTransaction,
  input: ApiKeyChange,
): Promise<{ before: ApiKeyRow; after: ApiKeyRow }> {
  const before = requireActive(await claimApiKey(tx, input.id));
  const change = {
    ...(input.name === undefined ? {} : { name: requireText('input.name', input.name, { max: 200 }) }),
    ...(await changedBounds(tx, before, input)),
  };
  const rows = await tx.db
    .update(apiKeys)
    .set({ ...change, updatedAt: sql`now()`, updatedBy: tx.identity.actor.id })
    .where(and(eq(apiKeys.orgId, tx.orgId), eq(apiKeys.id, before.id)))
    .returning(apiKeyColumns);
  return { before, after: requireChanged(rows, 'admin', 'API key') };
}

async function changedBounds(tx: OrgTransaction, before: ApiKeyRow, input: ApiKeyChange) {
  if (input.scopes === undefined && input.allowedCidrs === undefined && input.expiresAt === undefined) return {};
  if (input.scopes === null) throw invalidInput('input.scopes', 'must not be null');
  const caller = await readCallingBounds(tx);
  const scopes =
    input.scopes === undefined ? possibleScopes(before.scopes) : await requestedScopes(tx, before.type, input.scopes);
  const allowedCidrs =
    input.allowedCidrs === undefined
      ? before.allowedCidrs
      : parseAddressAllowList(input.allowedCidrs ?? [], 'input.allowedCidrs');
  const expiresAt = input.expiresAt === undefined ? before.expiresAt : requireFuture(input.expiresAt, caller.now);
  refuseBeyondCaller(caller, { scopes, allowedCidrs, expiresAt });
  return { ...(input.scopes === undefined ? {} : { scopes: storeScopes(scopes) }), allowedCidrs, expiresAt };
}
