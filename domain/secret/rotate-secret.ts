import { secretPath } from '../../auth/scopes/resource-path.js';
import { requireSecretName, requireSecretValue } from '../../vault/secret-input.js';
import { requireUuid } from '../input/id.js';
import { auditedVaultChange } from './audited-vault-change.js';
import { checkSigningSecret } from './check-signing-secret.js';
import type { SecretInput, SecretVersion } from './put-secret.js';
import { requireSecretsWritable } from './require-integration.js';
import type { SecretStores } from './secret-stores.js';

/**
 * Replaces the value of a secret.
 * @throws BulkheadError FORBIDDEN without `write` on the secrets of the integration, NOT_FOUND for the integration or the
 * secret, BAD_USER_INPUT, VAULT_PROVISIONING
 */
export async function rotateSecret(stores: SecretStores, input: SecretInput): Promise<SecretVersion> {
  const integrationId = requireUuid(input.integrationId, 'integration');
  const name = requireSecretName('input.name', input.name);
  const value = requireSecretValue('input.value', input.value);
  const change = { input: { integrationId, name } };
  try {
    return await auditedVaultChange(
      stores,
      { action: 'rotateSecret', resource: secretPath(integrationId), change },
      async (tx) => {
        await requireSecretsWritable(tx, integrationId);
        await checkSigningSecret(tx, { integrationId, name, value });
      },
      async () => ({ name, version: await stores.vault.rotate(stores.identity, { integrationId, name, value }) }),
      (rotated) => ({ ...rotated }),
    );
  } finally {
    value.fill(0);
  }
}
