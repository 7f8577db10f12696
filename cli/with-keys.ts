import { randomUUID } from 'node:crypto';
import { appendAudit } from '../audit/append-audit.js';
import { deploymentOrgId, systemIdentity } from '../auth/identity.js';
import { type Catalogue, openCatalogue } from '../db/catalogue.js';
import { closeDatabase, type Database, openDatabase } from '../db/database.js';
import { withOrg } from '../db/with-org.js';
import { type DeploymentKey, listDeploymentKeys } from '../domain/deployment-key/deployment-keys.js';
import { BulkheadError } from '../errors/bulkhead-error.js';
import { asOnlyRunner } from '../jobs/as-only-runner.js';
import type { Configuration } from '../server/configuration.js';
import { keyKinds, type RotatedKind, readKey, rotatedKinds } from '../server/keys.js';
import { deploymentAddresses } from './open-deployment.js';
import { UsageMistake } from './usage-mistake.js';

/** What commands on keys work with. */
export interface KeyStores {
  /** Operational database as `bulkhead_worker`. */
  readonly operational: Database;
  /** Operational database as `bulkhead_backup`. */
  readonly backups: Database;
  /** Vault as `bulkhead_posture`, which sees no row. */
  readonly vault: Catalogue;
}

/**
 * Runs `work` with what commands on keys work with, where the key ring is.
 * @throws UsageMistake beside a gateway that runs apart
 * @throws BulkheadError UNAVAILABLE when the deployment was never started, or does not run
 */
export async function withKeys<Result>(
  configuration: Configuration,
  work: (stores: KeyStores) => Promise<Result>,
): Promise<Result> {
  if (configuration.GATEWAY_DATABASE_URL !== undefined) {
    throw new UsageMistake('A gateway that runs apart has no key ring: give this command where "npm start" runs.');
  }
  const contextKey = readKey(configuration, 'context');
  const { worker, backup, vaultPosture } = await deploymentAddresses(configuration);
  const open = (url: string) => openDatabase({ url, contextKey, maxConnections: 1, applicationName: 'bulkhead cli' });
  const [operational, backups] = [open(worker), open(backup)];
  const vault = openCatalogue(vaultPosture);
  try {
    return await work({ operational, backups, vault });
  } finally {
    await Promise.all([vault.close(), closeDatabase(operational), closeDatabase(backups)]);
  }
}

/**
 * The same for what changes the key ring: one command at a time.
 * @throws BulkheadError CONFLICT while another one is at it
 */
export async function changeKeys<Result>(
  configuration: Configuration,
  work: (stores: KeyStores) => Promise<Result>,
): Promise<Result> {
  return withKeys(configuration, async (stores) => {
    const { provisioner } = await deploymentAddresses(configuration);
    const results: Result[] = [];
    const isAlone = await asOnlyRunner(provisioner, 'keys', async () => {
      results.push(await work(stores));
    });
    const [result] = results;
    if (isAlone && result !== undefined) return result;
    throw new BulkheadError('CONFLICT', 'Another "keys rotate" or "keys remove" is under way: wait for its end.');
  });
}

/** All keys that were ever in the key ring. */
export function keysOf({ operational }: KeyStores): Promise<DeploymentKey[]> {
  return withOrg(operational, identityOf('keys'), 'read', listDeploymentKeys);
}

/** What is to be done to a key, and that it was done, in the audit log of the deployment. */
export function recordKey(
  { operational }: KeyStores,
  action: 'rotateKey' | 'removeKey',
  outcome: 'INTENDED' | 'SUCCEEDED',
  change: object,
): Promise<void> {
  return withOrg(operational, identityOf(action === 'rotateKey' ? 'keys rotate' : 'keys remove'), 'write', (tx) =>
    appendAudit(tx, { action, resource: 'DEPLOYMENT', outcome, change }),
  );
}

/**
 * A kind of key that can be rotated.
 * @throws UsageMistake for another one
 */
export function readKind(text: string): RotatedKind {
  const kind = rotatedKinds.find((one) => one === text);
  if (kind !== undefined) return kind;
  throw new UsageMistake(
    keyKinds.some((one) => one === text)
      ? `The ${text} key cannot be rotated by a command: see docs/encryption-keys.md.`
      : `There is no such kind of key. Those that can be rotated: ${rotatedKinds.join(', ')}.`,
  );
}

function identityOf(part: string) {
  return systemIdentity(deploymentOrgId, part, randomUUID());
}
