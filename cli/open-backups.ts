import { openRepository } from '../backups/repository/open-repository.js';
import type { SealedRepository } from '../backups/repository/sealed-repository.js';
import { repositoryConfiguration } from '../server/backup-settings.js';
import type { Configuration } from '../server/configuration.js';
import { knownDeploymentId } from '../server/deployment-id.js';
import { readKeys } from '../server/keys.js';

/**
 * The repository of the deployment whose home is configured; the deployment need not run.
 * @throws BulkheadError UNAVAILABLE when home holds no backup key or no id of a deployment
 */
export function openBackups(configuration: Configuration): SealedRepository {
  const deployment = knownDeploymentId(configuration.BULKHEAD_HOME);
  return openRepository(repositoryConfiguration(configuration, readKeys(configuration, 'backup'), deployment));
}
