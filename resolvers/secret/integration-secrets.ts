import { requireAction } from '../../auth/authorize.js';
import { secretPath } from '../../auth/scopes/resource-path.js';
import type { SecretRow } from '../../db/tables/secrets.js';
import type { RequestContext } from '../request-context.js';

/**
 * Secrets of an integration by name: everything but their values. Integrations of one answer are asked for together.
 * @throws BulkheadError FORBIDDEN without `read` on the secrets of the integration
 */
export function integrationSecrets(
  { id }: { readonly id: string },
  _args: unknown,
  { identity, loaders }: RequestContext,
): Promise<readonly SecretRow[]> {
  requireAction(identity, 'read', secretPath(id), 'secret');
  return loaders.secretsOfIntegration.load(id);
}
