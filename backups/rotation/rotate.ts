import { backupFault } from '../backup-fault.js';
import { type BaseBackup, baseObjects } from '../base/base-backup.js';
import type { Catalogue } from '../catalogue.js';
import type { SealedRepository } from '../repository/sealed-repository.js';
import { removeWal } from '../wal/wal-archive.js';
import { isWalFile } from '../wal/wal-file.js';
import { newestTimeline, restorableBases } from '../window.js';
import { planRotation, type RotationPlan, type RotationPolicy } from './plan-rotation.js';

/** What a rotation has done. */
export interface RotationReport {
  readonly plan: RotationPlan<BaseBackup>;
  readonly removedBases: number;
  readonly removedWal: number;
}

/**
 * Removes what the policy keeps no longer: base backups, what is left of those that never became complete, and WAL that
 * no kept base backup needs. It may end anywhere: the description of a base backup goes first, so that what is left of
 * it counts as unfinished.
 * @throws BulkheadError UNAVAILABLE, with nothing removed, where it is not known from which timeline the newest came
 */
export async function rotate(
  repository: SealedRepository,
  catalogue: Catalogue,
  policy: RotationPolicy,
  now: Date,
  signal: AbortSignal,
): Promise<RotationReport> {
  const { system, bases, unfinished, wal, others } = catalogue;
  requireHistory(catalogue, repository.place);
  const plan = planRotation(bases, restorableBases(catalogue), now, policy);
  const newest = bases.at(-1)?.id ?? '';
  // One that is being taken now is newer than all that are complete.
  const abandoned = unfinished.filter((id) => id < newest);
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
  return { plan, removedBases: plan.expire.length, removedWal: needless.length };
}

/** Without it all that is older would look like a history that was left. */
function requireHistory(catalogue: Catalogue, place: string): void {
  const newest = newestTimeline(catalogue);
  if (catalogue.histories.has(newest) || catalogue.bases.every(({ timeline }) => timeline === newest)) return;
  throw backupFault(`the history of timeline ${newest} is not to be read in ${place}: nothing is removed without it`);
}

async function removeBase(repository: SealedRepository, system: string, id: string): Promise<void> {
  await repository.remove(baseObjects.description(system, id));
  for await (const { name } of repository.list(`${baseObjects.folder(system)}${id}/`)) await repository.remove(name);
}
