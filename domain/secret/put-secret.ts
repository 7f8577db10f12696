import { secretPath } from '../../auth/scopes/resource-path.js';
import { withOrg } from '../../db/with-org.js';
import { requireSecretName, requireSecretValue } from '../../vault/secret-input.js';
import { requireUuid } from '../input/id.js';
import { auditedVaultChange } from './audited-vault-change.js';
import { checkSigningSecret } from './check-signing-secret.js';
import { lockSecretsOf, requireIntegration, requireSecretsWritable } from './require-integration.js';
import type { SecretStores } from './secret-stores.js';

/** Where, name and value of a secret. */
export interface SecretInput {
  readonly integrationId: string;
  readonly name: string;
  readonly value: string;
}

/** Name of a secret and number of its value. */
export interface SecretVersion {
  readonly name: string;
  readonly version: number;
}

/**
 * Puts a new secret into the vault.
 * @throws BulkheadError FORBIDDEN without `write` on the secrets of the integration, NOT_FOUND for the integration,
 * BAD_USER_INPUT, CONFLICT for a name in use, LIMIT_EXCEEDED at 50 secrets, VAULT_PROVISIONING
 */
export async function putSecret(stores: SecretStores, input: SecretInput): Promise<SecretVersion> {
  const integrationId = requireUuid(input.integrationId, 'integration');
  const name = requireSecretName('input.name', input.name);
  const value = requireSecretValue('input.value', input.value);
  const change = { input: { integrationId, name } };
  const { claim } = stores.identity.fate;
  try {
    return await auditedVaultChange(
      stores,
      { action: 'putSecret', resource: secretPath(integrationId), change },
      async (tx) => {
        await requireSecretsWritable(tx, integrationId);
        await checkSigningSecret(tx, { integrationId, name, value });
      },
      async () => {
        const version = await stores.vault.put(stores.identity, { integrationId, name, value }, claim?.resumedSinceMs);
        await confirm(stores, integrationId, name);
        return { name, version };
      },
      (put) => ({ ...put }),
    );
  } finally {
    value.fill(0);
  }
}

/** The integration may have been deleted since it was looked for: then nothing of it may stay in the vault. */
async function confirm(
  { operational, vault, identity }: SecretStores,
  integrationId: string,
  name: string,
): Promise<void> {
  try {
    await withOrg(operational, identity, 'write', async (tx) => {
      await lockSecretsOf(tx, integrationId, 'confirm');
      await requireIntegration(tx, integrationId);
    });
  } catch (error) {
    await vault.delete(identity, { integrationId, name }).catch(() => undefined);
    throw error;
  }
}
