import { type DeploymentKey, listDeploymentKeys } from '../../domain/deployment-key/deployment-keys.js';
import { keyPairsByRootKey } from '../../domain/deployment-key/key-pairs-by-root-key.js';
import { type Check, passUnless } from '../check.js';
import type { PostureContext } from '../posture-context.js';
import { asSystem } from '../system/as-system.js';
import { repositoryFiles, sealerOf } from '../system/backups.js';

/** Days that a key which can be rotated is used at most to seal: two years (NIST SP 800-57 part 1, 5.3.6, of keys that wrap). */
const maxAgeDays = 730;
/** Hours within which key pairs are wrapped anew after a rotation; the worker looks every hour. */
const rewrapHours = 24;
/** Objects of the repository that are looked at: the newest, and as many of the oldest. */
const sample = 50;
const rotatedKinds = ['root', 'backup'];

/** Keys that encrypt are known and not too old, and all that is sealed names one that is in the key ring. */
export const keysManaged: Check = {
  id: 'keys-managed',
  title: 'What is encrypted was encrypted by a key of the key ring, and no key is too old',
  look: async (context) => {
    const keys = await asSystem(context, listDeploymentKeys);
    const pairs = [...(await keyPairsByRootKey(context.vault))];
    const objects = await sealersOf(context);
    const faults = [
      ...rotatedKinds.flatMap((kind) => ageFaults(keys, kind, context.now)),
      ...pairs.flatMap(([id, count]) => keyPairFaults(keys, id, count, context.now)),
      ...[...objects]
        .filter(([id]) => !isHeld(keys, 'backup', id))
        .map(([id, count]) => `${count} objects were sealed by ${id}, which is no backup key of the key ring`),
    ];
    const held = keys.filter(({ state }) => state !== 'REMOVED').length;
    const looked = [...objects.values()].reduce((sum, count) => sum + count, 0);
    const wrapped = pairs.reduce((sum, [, count]) => sum + count, 0);
    const isBucket = context.configuration.services['BACKUP_BUCKET_URL'] !== undefined;
    const ofObjects = isBucket
      ? 'name one of them; no object of the bucket was looked at'
      : `and ${looked} objects name one of them`;
    return passUnless(faults, `${held} keys; ${wrapped} key pairs ${ofObjects}`);
  },
};

function isHeld(keys: readonly DeploymentKey[], kind: string, id: string): boolean {
  return keys.some((key) => key.kind === kind && key.id === id && key.state !== 'REMOVED');
}

function ageFaults(keys: readonly DeploymentKey[], kind: string, now: Date): string[] {
  const current = keys.find((key) => key.kind === kind && key.state === 'CURRENT');
  if (current === undefined) return [`no ${kind} key is known`];
  const days = Math.floor((now.getTime() - current.createdAt.getTime()) / 86_400_000);
  return days > maxAgeDays ? [`the ${kind} key is ${days} days old, more than ${maxAgeDays}: rotate it`] : [];
}

function keyPairFaults(keys: readonly DeploymentKey[], id: string, count: number, now: Date): string[] {
  const key = keys.find((one) => one.kind === 'root' && one.id === id);
  if (key === undefined || key.state === 'REMOVED') {
    return [`${count} key pairs were wrapped by ${id}, which is no root key of the key ring`];
  }
  const hours = (now.getTime() - key.changedAt.getTime()) / 3_600_000;
  const isLate = key.state === 'RETIRED' && hours > rewrapHours;
  return isLate ? [`${count} key pairs are still wrapped by ${id}, retired ${Math.floor(hours)} hours ago`] : [];
}

/** Which keys have sealed what lies in the repository, where it is a directory here: what has the head of a sealed object. */
async function sealersOf(context: PostureContext): Promise<Map<string, number>> {
  const files = repositoryFiles(context).filter((file) => !file.endsWith('.new'));
  const looked = new Set([...files.slice(0, sample), ...files.slice(-sample)]);
  const counts = new Map<string, number>();
  for (const file of looked) {
    const id = sealerOf(file);
    // What is not sealed is for the check of that.
    if (id !== undefined) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}
