import { backupFault } from '../backup-fault.js';
import { type BaseBackup, baseObjects } from '../base/base-backup.js';
import type { Catalogue } from '../catalogue.js';
import type { SealedRepository } from '../repository/sealed-repository.js';
import { removeWal } from '../wal/wal-archive.js';
import { isWalFile } from '../wal/wal-file.js';
import { newestTimeline, restorableBases } from '../window.js';
import { planRotation, type RotationPlan, type RotationPolicy } from './plan-rotation.js';

/** What a rotation has removed. */
export interface RotationReport {
  readonly removedBases: number;
  readonly removedWal: number;
}

/**
 * What a rotation is to keep of a repository.
 * @throws BulkheadError UNAVAILABLE where it is not known from which timeline the newest came
 */
export function planFor(catalogue: Catalogue, policy: RotationPolicy, now: Date): RotationPlan<BaseBackup> {
  requireHistory(catalogue);
  return planRotation(catalogue.bases, restorableBases(catalogue), now, policy);
}

/** Base backups that were completed and have lost their description, or have a damaged one: they are left for people. */
export function spoiltBases({ bases, described, unfinished }: Catalogue, completed: readonly string[]): string[] {
  const whole = new Set(bases.map(({ id }) => id));
  return [...described.filter((id) => !whole.has(id)), ...unfinished.filter((id) => completed.includes(id))];
}

/**
 * Removes what the plan keeps no longer: base backups, what is left of those that never became complete, and WAL that no
 * kept base backup needs. It may end anywhere: the description of a base backup goes first, so that what is left of it
 * counts as unfinished.
 * @param completed ids of base backups that are known to have been completed, without those that the plan removes
 */
export async function rotate(
  repository: SealedRepository,
  catalogue: Catalogue,
  plan: RotationPlan<BaseBackup>,
  completed: readonly string[],
  signal: AbortSignal,
): Promise<RotationReport> {
  const { system, bases, unfinished, wal, others } = catalogue;
  const newest = bases.at(-1)?.id ?? '';
  // One that is being taken now is newer than all that are complete.
  const abandoned = unfinished.filter((id) => id < newest && !completed.includes(id));
  for (const id of [...plan.expire.map((base) => base.id), ...abandoned]) {
    signal.throwIfAborted();
    await removeBase(repository, system, id);
  }
  const files = [...wal.keys(), ...others.filter((file) => isWalFile(file.slice(0, 24)))];
  const needless = files.filter((file) => !plan.isWalNeeded(file));
  for (const file of needless) {
    signal.throwIfAborted();
    await removeWal(repository, system, file);
  }
  return { removedBases: plan.expire.length, removedWal: needless.length };
}

/** Without it all that is older would look like a history that was left. */
function requireHistory(catalogue: Catalogue): void {
  const newest = newestTimeline(catalogue);
  if (catalogue.histories.has(newest) || catalogue.bases.every(({ timeline }) => timeline === newest)) return;
  throw backupFault(
    `the history of timeline ${newest} is not to be read in the repository: nothing is removed without it`,
  );
}

async function removeBase(repository: SealedRepository, system: string, id: string): Promise<void> {
  await repository.remove(baseObjects.description(system, id));
  for await (const { name } of repository.list(`${baseObjects.folder(system)}${id}/`)) await repository.remove(name);
}
