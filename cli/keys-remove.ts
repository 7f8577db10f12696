import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { readNotedBackups } from '../backups/noted-backups.js';
import { keyPairsByRootKey } from '../domain/deployment-key/key-pairs-by-root-key.js';
import { type Configuration, loadConfiguration } from '../server/configuration.js';
import { repositoryFault, type UsePlaces, usesInRepository, usesOf } from '../server/key-uses.js';
import { currentKeyId, keyFiles, type RotatedKind, removeKeyFiles } from '../server/keys.js';
import { sealingKeys } from '../server/sealing-keys.js';
import { inWords } from './keys-list.js';
import { openBackups } from './open-backups.js';
import { print, printJson } from './print.js';
import { UsageMistake } from './usage-mistake.js';
import { changeKeys, type KeyStores, keysOf, readKind, recordKey } from './with-keys.js';

/** `bulkhead keys remove`. */
export function keysRemoveCommand(): Command {
  return new Command('remove')
    .description('Remove a retired key from the key ring of home, for good, once nothing depends on it.')
    .argument('<kind>', 'root or backup')
    .argument('<id>', 'id of the retired key, as in "keys list"')
    .option('--json', 'print {kind, id, paths} as JSON')
    .addHelpText(
      'after',
      `
Examples:
  npx bulkhead keys list
  npx bulkhead keys remove root 3f1c0a9be2d4775a

Refused while key pairs of organizations, or base backups from when there were any, need a root key, and while an object
of the repository was sealed with a backup key; each object is looked at, which takes a request
each in a bucket. Refused too while the repository lacks a base backup that was stored. What else keeps backups of the databases is not known here: look there first.
Copies of the key elsewhere stay.`,
    )
    .action(remove);
}

async function remove(kindText: string, id: string, { json = false }: { json?: boolean }): Promise<void> {
  const kind = readKind(kindText);
  const configuration = loadConfiguration();
  const current = currentKeyId(configuration, kind);
  if (id === current) throw new UsageMistake(`${id} is the current ${kind} key: rotate it first.`);
  if (!keyFiles(configuration, kind).some((one) => one.id === id))
    throw new UsageMistake(`There is no ${kind} key ${id} in the key ring of home.`);
  const paths = await changeKeys(configuration, async (stores) => {
    await requireTaken(stores, kind, current);
    const places = {
      ...(await inWholeRepository(configuration, stores, kind)),
      keyPairs: await keyPairsByRootKey(stores.vault),
    };
    const key = (await keysOf(stores)).find((one) => one.kind === kind && one.id === id);
    if (key === undefined) throw new Error('Bulkhead has not noted this key yet: give this command again in a minute.');
    const uses = usesOf(key, places);
    const isUsed = Object.values(uses).some((count) => count > 0) || (kind === 'root' && key.unusedAt === null);
    if (isUsed) {
      throw new Error(
        `${id} is still needed (${inWords(uses)}): it can be removed when nothing depends on it any more.`,
      );
    }
    await recordKey(stores, 'removeKey', 'INTENDED', { kind, key: id });
    const removed = removeKeyFiles(configuration, kind, id);
    await recordKey(stores, 'removeKey', 'SUCCEEDED', { kind, key: id });
    return removed;
  });
  if (json) printJson({ kind, id, paths });
  else print(`Removed: ${paths.join(', ')}. Remove it from the copies of the key ring too.`);
}

/** What depends on keys, in a repository that holds all that the database knows to be there. */
async function inWholeRepository(
  configuration: Configuration,
  { backups }: KeyStores,
  kind: RotatedKind,
): Promise<Pick<UsePlaces, 'bases' | 'objects'>> {
  const { BACKUP_BUCKET_URL, BACKUP_DIRECTORY } = configuration;
  if (BACKUP_BUCKET_URL === undefined && !existsSync(BACKUP_DIRECTORY)) {
    throw new Error(`The repository ${BACKUP_DIRECTORY} is not there: mount it, then give this command again.`);
  }
  // Asked first: the repository may know more by then.
  const { bases: noted } = await readNotedBackups({ operational: backups });
  const places = await usesInRepository(openBackups(configuration), kind === 'backup');
  const fault = repositoryFault(places, noted, currentKeyId(configuration, 'backup'));
  if (fault !== undefined) throw new Error(fault);
  return places;
}

/** A process that still seals with a retired key would go on with it. */
async function requireTaken(stores: KeyStores, kind: RotatedKind, current: string): Promise<void> {
  const other = (await sealingKeys(stores.operational, kind)).find((one) => one !== current);
  if (other === undefined) return;
  throw new Error(`A process that runs still seals with ${other}: give this command again in a minute.`);
}
