import { createIdentity, type Identity } from '../../auth/identity.js';
import { parseScopes } from '../../auth/scopes/parse-scopes.js';
import { secretPath } from '../../auth/scopes/resource-path.js';
import { withOrg } from '../../db/with-org.js';
import { finishKey, noteFinished } from '../idempotency/finish-key.js';
import { requireUuid } from '../input/id.js';
import { getIntegration } from '../integration/get-integration.js';
import { pathOfIntegration } from '../integration/path-of-integration.js';
import { removeIntegration, requireRemovable } from '../integration/remove-integration.js';
import { publishDeletion } from '../live/publish-live.js';
import { auditedVaultChange } from './audited-vault-change.js';
import { lockSecretsOf } from './require-integration.js';
import type { SecretStores } from './secret-stores.js';

/**
 * Deletes an integration with its secrets and answers its id. The right to delete the one includes the others: nobody
 * could reach them afterwards. The row is deleted only if its secrets could be, so that none is left behind.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN without `write` on the integration, CONFLICT while things take part in it
 */
export async function deleteIntegration(stores: SecretStores, inputId: string): Promise<string> {
  const { operational, identity, vault } = stores;
  const id = requireUuid(inputId, 'integration');
  const before = await withOrg(operational, identity, 'write', (tx) => getIntegration(tx, id));
  const resource = pathOfIntegration(before);
  const reference = { resource, fields: { id } };
  await auditedVaultChange(
    stores,
    { action: 'deleteIntegration', resource, change: { input: { id }, before } },
    (tx) => requireRemovable(tx, id),
    () =>
      withOrg(operational, identity, 'write', async (tx) => {
        await lockSecretsOf(tx, id, 'delete');
        await removeIntegration(tx, id);
        await publishDeletion(tx, { noun: 'INTEGRATION', id, path: pathOfIntegration(before) });
        await vault.deleteAll(withSecretsOf(identity, id), id);
        await finishKey(tx, reference);
      }),
  );
  noteFinished(identity, reference);
  return id;
}

function withSecretsOf(identity: Identity, integrationId: string): Identity {
  const scope = { action: 'write', resourceFilter: secretPath(integrationId) };
  return createIdentity({ ...identity, scopes: parseScopes([scope], 'scopes') });
}
