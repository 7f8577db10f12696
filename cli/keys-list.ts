import { Command } from 'commander';
import type { DeploymentKey } from '../domain/deployment-key/deployment-keys.js';
import { keyPairsByRootKey } from '../domain/deployment-key/key-pairs-by-root-key.js';
import { type Configuration, loadConfiguration } from '../server/configuration.js';
import { type KeyUses, usesInRepository, usesOf } from '../server/key-uses.js';
import { keyKinds, rotatedKinds } from '../server/keys.js';
import { sealingKeys } from '../server/sealing-keys.js';
import { openBackups } from './open-backups.js';
import { print, printJson } from './print.js';
import { keysOf, withKeys } from './with-keys.js';

/** What keys of a kind are good for. */
const protects: Readonly<Record<string, string>> = {
  root: 'wraps the key pairs of organizations, to which secrets are sealed',
  backup: 'seals base backups and WAL in the repository',
  telemetry: 'seals credentials of telemetry databases, and kept answers',
  context: 'signs the contexts of transactions',
  audit: 'signs the audit log, the ledger, certificates and drills',
};

interface ListOptions {
  readonly count?: boolean;
  readonly json?: boolean;
}

/** `bulkhead keys list`. */
export function keysListCommand(): Command {
  return new Command('list')
    .description('Show the keys of this deployment by id, never the keys: state, age, what depends on each.')
    .option('--count', 'count objects in a bucket too, by a request for each (those of a directory always are)')
    .option('--json', 'print a JSON list, with one object for each key')
    .addHelpText(
      'after',
      `
Examples:
  npx bulkhead keys list
  npx bulkhead keys list --json | jq '.[] | select(.state == "RETIRED")'

The current key of a kind seals and signs. A retired one opens what it has sealed before, and can be
removed once nothing depends on it. An id is derived from its key and says nothing of it.`,
    )
    .action(list);
}

async function list({ count = false, json = false }: ListOptions): Promise<void> {
  const keys = await listed(loadConfiguration(), count);
  if (json) printJson(keys);
  else print(table(keys));
}

type ListedKey = Awaited<ReturnType<typeof listed>>[number];

async function listed(configuration: Configuration, countsAll: boolean) {
  const countsObjects = countsAll || configuration.BACKUP_BUCKET_URL === undefined;
  return withKeys(configuration, async (stores) => {
    const inRepository = await usesInRepository(openBackups(configuration), countsObjects);
    const places = { ...inRepository, keyPairs: await keyPairsByRootKey(stores.vault) };
    const sealing = new Set(
      (await Promise.all(rotatedKinds.map((kind) => sealingKeys(stores.operational, kind)))).flat(),
    );
    const order: readonly string[] = keyKinds;
    const place = ({ kind }: DeploymentKey) => order.indexOf(kind);
    return (await keysOf(stores))
      .filter(({ state }) => state !== 'REMOVED')
      .sort((one, other) => place(one) - place(other))
      .map((key) => {
        const { kind, id, state, createdAt, changedAt, unusedAt } = key;
        const rotated = rotatedKinds.some((one) => one === kind);
        return {
          kind,
          id,
          state,
          createdAt,
          changedAt,
          unusedAt,
          canRotate: rotated,
          /** Whether a process that runs seals with it; null for kinds that do not tell. */
          isSealing: rotated ? sealing.has(id) : null,
          protects: protects[kind] ?? '',
          uses: usesOf(key, places),
        };
      });
  });
}

function table(keys: readonly ListedKey[]): string {
  const lines = keys.flatMap(({ kind, id, state, createdAt, protects: what, uses }) => [
    `${kind.padEnd(10)}${id}  ${state.toLowerCase().padEnd(8)} since ${createdAt.toISOString().slice(0, 10)}  ${inWords(uses)}`.trimEnd(),
    ...(state === 'CURRENT' ? [`${''.padEnd(10)}${what}`] : []),
  ]);
  return lines.join('\n');
}

/** What depends on a key, in words; empty where that is not counted. */
export function inWords({ keyPairs, baseBackups, objects }: KeyUses): string {
  return [
    ...(keyPairs === undefined ? [] : [`${keyPairs} key pairs`]),
    ...(baseBackups === undefined ? [] : [`${baseBackups} base backups from before`]),
    ...(objects === undefined ? [] : [`${objects} objects`]),
  ].join(', ');
}
