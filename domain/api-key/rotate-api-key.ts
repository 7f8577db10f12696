import { and, eq, ne, sql } from 'drizzle-orm';
import { generateKey } from '../../auth/api-keys/key-format.js';
import { possibleScopes } from '../../auth/api-keys/stored-scopes.js';
import { type ApiKeyRow, apiKeySecrets, apiKeys } from '../../db/tables/api-keys.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { invalidInput } from '../../errors/bulkhead-error.js';
import { newId } from '../input/id.js';
import { requireChanged } from '../require-changed.js';
import { apiKeyColumns } from './api-key-columns.js';
import { readCallingBounds, refuseBeyondCaller } from './calling-bounds.js';
import { claimApiKey, requireActive } from './claim-api-key.js';

/** Seconds for which the secret before works on: by default, and at most. */
export const graceSecondsBounds = { default: 86_400, max: 604_800 };

/** What `rotateApiKey` did. */
export interface RotatedApiKey {
  readonly before: ApiKeyRow;
  readonly after: ApiKeyRow;
  /** The whole new text of the key. */
  readonly text: string;
}

/**
 * Gives an active key a new secret; the ones before end with the grace period, or earlier where they were to end earlier.
 * The caller gets to know the secret, and with it all that the key may do, so addresses and expiry of the key have to lie
 * within the caller's as well as its scopes.
 * @param environment label of the deployment in the text of the key
 * @param graceSeconds 0 ends the secrets before at once
 * @throws BulkheadError NOT_FOUND, FORBIDDEN, CONFLICT for an expired or revoked key, BAD_USER_INPUT
 */
export async function rotateApiKey(
  tx: OrgTransaction,
  environment: string,
  input: { readonly id: string; readonly graceSeconds: number },
): Promise<RotatedApiKey> {
  const { graceSeconds } = input;
  if (!Number.isInteger(graceSeconds) || graceSeconds < 0 || graceSeconds > graceSecondsBounds.max) {
    throw invalidInput('input.graceSeconds', `must be between 0 and ${graceSecondsBounds.max}`);
  }
  const before = requireActive(await claimApiKey(tx, input.id));
  refuseBeyondCaller(await readCallingBounds(tx), { ...before, scopes: possibleScopes(before.scopes) });
  const { text, secretHash } = generateKey(before.type, environment, before.id);
  const id = newId();
  await tx.db.insert(apiKeySecrets).values({ orgId: tx.orgId, keyId: before.id, id, secretHash });
  await tx.db
    .update(apiKeySecrets)
    .set({ validUntil: sql`least(${apiKeySecrets.validUntil}, now() + make_interval(secs => ${graceSeconds}))` })
    .where(and(eq(apiKeySecrets.orgId, tx.orgId), eq(apiKeySecrets.keyId, before.id), ne(apiKeySecrets.id, id)));
  const rows = await tx.db
    .update(apiKeys)
    .set({ rotatedAt: sql`now()`, updatedAt: sql`now()`, updatedBy: tx.identity.actor.id })
    .where(and(eq(apiKeys.orgId, tx.orgId), eq(apiKeys.id, before.id)))
    .returning(apiKeyColumns);
  return { before, after: requireChanged(rows, 'admin', 'API key'), text };
}
