import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Command } from 'commander';
import { keyPairsByRootKey } from '../domain/deployment-key/key-pairs-by-root-key.js';
import { type Configuration, loadConfiguration } from '../server/configuration.js';
import { currentKeyId, givenKey, keyFileName, keyFiles, type RotatedKind } from '../server/keys.js';
import { makeNewKey, nextNumber } from '../server/new-key.js';
import { sealingKeys } from '../server/sealing-keys.js';
import { exitStatus } from './exit-status.js';
import { print, printAside, printJson } from './print.js';
import { UsageMistake } from './usage-mistake.js';
import { changeKeys, type KeyStores, keysOf, readKind, recordKey } from './with-keys.js';

const pollMs = 250;
/** Milliseconds within which a process that runs has taken on a key: it is looked for every 2 s. */
const takenMs = 60_000;
/** Milliseconds without progress after which key pairs are not waited for any longer. */
const stalledMs = 120_000;

interface RotateOptions {
  readonly copyTo?: string;
  readonly json?: boolean;
}

/** `bulkhead keys rotate`. */
export function keysRotateCommand(): Command {
  return new Command('rotate')
    .description('Make a new key of a kind, while Bulkhead runs; the one before is retired, and still opens.')
    .argument('<kind>', 'root or backup')
    .option('--copy-to <directory>', 'where the key ring is kept elsewhere: the new key is there before it is used')
    .option('--json', 'print {kind, id, retired, isTaken, keyPairs} as JSON')
    .addHelpText(
      'after',
      `
Examples:
  npx bulkhead keys rotate root --copy-to /mnt/keys
  npx bulkhead keys rotate backup --copy-to /mnt/keys
  npx bulkhead keys list

root      the key pairs of all organizations are wrapped anew by the worker, one organization after
          the other; secrets stay as they are. Killed anywhere, the worker goes on where it was.
backup    what is stored from now on is sealed with the new key; what lies in the repository is not
          sealed anew, and needs the retired key for as long as it is kept.

Worker and backup process take the new key without a restart; where none has within a minute, the
new key is in the key ring all the same, and the status is 1. The copy of the key ring has to get the
new key, and to keep the retired ones, or no backup can be restored: docs/encryption-keys.md.
The telemetry, context and audit keys cannot be rotated.`,
    )
    .action(rotate);
}

async function rotate(kindText: string, { copyTo, json = false }: RotateOptions): Promise<void> {
  const kind = readKind(kindText);
  const configuration = loadConfiguration();
  requireKeyOfHome(configuration, kind);
  if (copyTo?.trim() === '') throw new UsageMistake('--copy-to needs the path of a directory.');
  const report = await changeKeys(configuration, async (stores) => {
    await requireCurrent(configuration, stores, kind);
    const retired = currentKeyId(configuration, kind);
    const { id, path } = await makeNewKey(configuration, kind, copyTo && resolve(copyTo), (key) =>
      recordKey(stores, 'rotateKey', 'INTENDED', { kind, key, retired }),
    );
    printAside(`The new key is in ${path}`);
    const isTaken = await taken(stores, kind, id);
    const keyPairs = kind === 'root' && isTaken ? await rewrapped(stores, id) : null;
    await recordKey(stores, 'rotateKey', 'SUCCEEDED', {
      kind,
      key: id,
      retired,
      isTaken,
      ...(keyPairs === null ? {} : { keyPairs }),
    });
    return { kind, id, retired, isTaken, keyPairs };
  });
  if (json) printJson(report);
  else print(summary(report, copyTo !== undefined));
  if (!report.isTaken) process.exitCode = exitStatus.fault;
}

/** Were its file lost, a new key would take its place, and the processes that run would be the last to hold it. */
async function requireCurrent(configuration: Configuration, stores: KeyStores, kind: RotatedKind): Promise<void> {
  const current = (await keysOf(stores)).find((key) => key.kind === kind && key.state === 'CURRENT');
  if (current === undefined || keyFiles(configuration, kind).some(({ id }) => id === current.id)) return;
  throw new Error(
    `The current ${kind} key ${current.id} is not in the key ring: put its file back from the copy of the key ring, ` +
      'then give this command again. Do not stop Bulkhead before.',
  );
}

/** A key of a variable is not ours to replace. */
function requireKeyOfHome(configuration: Configuration, kind: RotatedKind): void {
  if (givenKey(configuration, kind) === undefined) return;
  const setting = `${kind.toUpperCase()}_KEY`;
  const next = keyFileName(kind, nextNumber(configuration, kind));
  throw new UsageMistake(
    `${setting} or ${setting}_FILE sets the ${kind} key, and is yours to change: put the present key into ` +
      `${join(configuration.BULKHEAD_HOME, 'keys', next)} (chmod 600), set the new one, and start Bulkhead again.`,
  );
}

/** Whether the processes that use the key have taken it on; false where none runs. */
async function taken(stores: KeyStores, kind: RotatedKind, id: string): Promise<boolean> {
  const deadline = Date.now() + takenMs;
  for (;;) {
    const sealing = await sealingKeys(stores.operational, kind);
    if (sealing.length > 0 && sealing.every((one) => one === id)) return true;
    if (Date.now() > deadline) return false;
    await delay(pollMs);
  }
}

/** Waits until the worker has wrapped everything anew, and answers how many key pairs there are. */
async function rewrapped(stores: KeyStores, id: string): Promise<number> {
  let [least, progressed] = [Number.POSITIVE_INFINITY, Date.now()];
  for (;;) {
    const counts = await keyPairsByRootKey(stores.vault);
    const left = [...counts].reduce((sum, [key, count]) => (key === id ? sum : sum + count), 0);
    if (left === 0) return counts.get(id) ?? 0;
    if (left < least) {
      printAside(`${left} key pairs are left to be wrapped anew`);
      [least, progressed] = [left, Date.now()];
    }
    if (Date.now() - progressed > stalledMs) {
      throw new Error(
        `${left} key pairs are still wrapped by another root key: "bulkhead jobs list" says why. The worker tries again ` +
          'by itself, within the hour; nothing is lost meanwhile.',
      );
    }
    await delay(pollMs);
  }
}

interface RotationReport {
  readonly kind: RotatedKind;
  readonly id: string;
  readonly retired: string;
  readonly isTaken: boolean;
  readonly keyPairs: number | null;
}

function summary({ kind, id, retired, isTaken, keyPairs }: RotationReport, isCopied: boolean): string {
  return [
    `${id} is the ${kind} key now; ${retired} is retired, and still opens what it has sealed.`,
    ...(keyPairs === null ? [] : [`${keyPairs} key pairs are wrapped by it.`]),
    ...(isTaken
      ? []
      : ['No process has taken it on yet: Bulkhead does, or is started again, and then "keys list" shows it.']),
    ...(isCopied ? [] : ['Now copy keys/ to where the key ring is kept: without it nothing of after can be restored.']),
  ].join('\n');
}
