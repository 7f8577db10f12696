import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { deploymentOrgId, systemIdentity } from '../../auth/identity.js';
import { closeDatabase, openDatabase } from '../../db/database.js';
import { withOrg } from '../../db/with-org.js';
import { noteKeys } from '../../domain/deployment-key/deployment-keys.js';
import { PeriodicJob } from '../../jobs/periodic-job.js';
import { keyIdOf } from '../../vault/held-keys.js';
import type { Configuration } from '../configuration.js';
import { roleAddresses } from '../database-address.js';
import { type DeploymentKeys, keyFiles, keyKinds } from '../keys.js';
import type { ChildIngredients } from './child-configurations.js';
import { keysToHold } from './keys-to-hold.js';
import type { Storage } from './storage.js';

/** Milliseconds between two looks at the key ring. */
const everyMs = 2_000;

/**
 * Watches the key ring: keys that were rotated are handed to the processes that use them, and the ids of all keys are noted
 * in the database. A ring that lacks a current key is not taken: a process that runs may hold the last copy.
 * @param take hands keys on; called for each change, and not for the keys of the start
 */
export function watchKeys(
  { configuration, passwords, keys }: ChildIngredients,
  storage: Storage,
  take: (keys: DeploymentKeys) => void,
  log: Logger,
): PeriodicJob {
  let taken = keys;
  let noted = '';
  let lost = '';
  const run = async () => {
    // The others are read at the start only: a process that runs would go on with those it was given.
    const [root, backup] = [keysToHold(configuration, 'root', taken), keysToHold(configuration, 'backup', taken)];
    const found = { ...keys, root: root.keys, backup: backup.keys };
    const faults = [root.fault, backup.fault].filter((fault) => fault !== undefined).join(' ');
    if (faults !== lost && faults !== '') log.error(faults);
    lost = faults;
    if (idsText(found) !== idsText(taken)) {
      take(found);
      taken = found;
      log.info({ root: idsOf(found, 'root'), backup: idsOf(found, 'backup') }, 'the keys of the key ring have changed');
    }
    if (noted === idsText(taken)) return;
    const { worker } = roleAddresses(storage.adminUrl(), passwords);
    await note(worker, taken, configuration);
    noted = idsText(taken);
  };
  return new PeriodicJob({ name: 'keys', everyMs, run }, log);
}

async function note(url: string, keys: DeploymentKeys, configuration: Configuration): Promise<void> {
  const options = { url, contextKey: keys.context, maxConnections: 1, applicationName: 'bulkhead start' };
  const database = openDatabase(options);
  try {
    await withOrg(database, systemIdentity(deploymentOrgId, 'keys', randomUUID()), 'write', async (tx) => {
      for (const kind of keyKinds) {
        const writtenAt = new Map(keyFiles(configuration, kind).map((file) => [file.id, file.writtenAt]));
        const noted = idsOf(keys, kind).map((id) => ({ id, madeAt: writtenAt.get(id) ?? new Date() }));
        await noteKeys(tx, kind, noted);
      }
    });
  } finally {
    await closeDatabase(database);
  }
}

function idsOf(keys: DeploymentKeys, kind: keyof DeploymentKeys): string[] {
  return [keys[kind]].flat().map(keyIdOf);
}

function idsText(keys: DeploymentKeys): string {
  return JSON.stringify(keyKinds.map((kind) => idsOf(keys, kind)));
}
