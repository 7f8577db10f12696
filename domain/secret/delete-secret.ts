import { secretPath } from '../../auth/scopes/resource-path.js';
import { BulkheadError } from '../../errors/bulkhead-error.js';
import { requireSecretName } from '../../vault/secret-input.js';
import type { SecretName } from '../../vault/vault-writer.js';
import { requireUuid } from '../input/id.js';
import { auditedVaultChange } from './audited-vault-change.js';
import { requireSecretsWritable } from './require-integration.js';
import type { SecretStores } from './secret-stores.js';

/**
 * Deletes a secret and answers its name.
 * @throws BulkheadError FORBIDDEN without `write` on the secrets of the integration, NOT_FOUND for the integration or the
 * secret, BAD_USER_INPUT
 */
export async function deleteSecret(
  stores: SecretStores,
  input: { readonly integrationId: string; readonly name: string },
): Promise<string> {
  const integrationId = requireUuid(input.integrationId, 'integration');
  const name = requireSecretName('input.name', input.name);
  await auditedVaultChange(
    stores,
    { action: 'deleteSecret', resource: secretPath(integrationId), change: { input: { integrationId, name } } },
    (tx) => requireSecretsWritable(tx, integrationId),
    () => deleteOnce(stores, { integrationId, name }),
    () => ({ name }),
  );
  return name;
}

/** Of a request that goes on with what another has begun, a secret that is gone is the one that was deleted. */
async function deleteOnce({ identity, vault }: SecretStores, secret: SecretName): Promise<void> {
  try {
    await vault.delete(identity, secret);
  } catch (error) {
    const isResumed = identity.fate.claim?.resumedSinceMs !== undefined;
    if (!(isResumed && error instanceof BulkheadError && error.code === 'NOT_FOUND')) throw error;
  }
}
