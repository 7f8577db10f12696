import { backupFault } from './backup-fault.js';
import { verifyBase } from './base/verify-base.js';
import type { Catalogue } from './catalogue.js';
import type { NotedBackups } from './noted-backups.js';
import type { SealedRepository } from './repository/sealed-repository.js';
import { getWal } from './wal/wal-archive.js';
import { newestTimeline, reachOf } from './window.js';

/** What was read of a repository without fault. */
export interface VerifiedRepository {
  readonly bases: number;
  readonly walFiles: number;
  /** Bytes of base backups and WAL, as PostgreSQL has them. */
  readonly bytes: number;
}

const dayMs = 86_400_000;

/**
 * Reads everything that a repository holds of a cluster: every part of every base backup, every file in it as the server
 * held it, and every WAL file, of which none that the window needs may be missing, nor anything that the database knows.
 * @throws BulkheadError UNAVAILABLE that names the first object that is damaged or missing
 */
export async function verifyRepository(
  repository: SealedRepository,
  catalogue: Catalogue,
  noted: NotedBackups,
  windowDays: number,
  signal: AbortSignal,
): Promise<VerifiedRepository> {
  const { system, bases, wal, others } = catalogue;
  const [damage] = catalogue.damaged;
  if (damage !== undefined) throw backupFault(damage);
  requireNoted(catalogue, noted, repository.place);
  requireWhole(catalogue, new Date(Date.now() - windowDays * dayMs));
  let bytes = 0;
  for (const base of bases) {
    await verifyBase(repository, base, signal);
    bytes += base.bytes;
  }
  for (const file of [...wal.keys(), ...others]) {
    signal.throwIfAborted();
    const content = await getWal(repository, system, file);
    if (content === undefined) throw backupFault(`WAL file ${file} is missing in ${repository.place}`);
    bytes += content.length;
  }
  return { bases: bases.length, walFiles: wal.size, bytes };
}

/** A database that was put back in time knows no more than the base backups of before: those of since are looked for. */
function requireNoted(catalogue: Catalogue, { bases, lastWal }: NotedBackups, place: string): void {
  const newest = newestTimeline(catalogue);
  const own = catalogue.bases.filter(({ timeline }) => timeline === newest).map(({ id }) => id);
  const since = newest === 1 ? '' : own.sort()[0];
  const there = new Set(catalogue.bases.map(({ id }) => id));
  const lost = since === undefined ? undefined : bases.find((id) => id >= since && !there.has(id));
  if (lost !== undefined) throw backupFault(`base backup ${lost} was completed, and is not in ${place}`);
  if (lastWal !== null && !catalogue.wal.has(lastWal)) {
    throw backupFault(`WAL file ${lastWal} was stored in ${place}, and is there no more`);
  }
}

/** Each base backup has its WAL, and from the one before the window on there is no gap. */
function requireWhole(catalogue: Catalogue, windowStart: Date): void {
  const reaches = reachOf(catalogue);
  if (reaches.length === 0) throw backupFault('there is no complete base backup');
  const anchor = Math.max(
    0,
    reaches.findLastIndex(({ base }) => new Date(base.endedAt) <= windowStart),
  );
  for (const [index, { base, lastWal, gap }] of reaches.entries()) {
    if (lastWal === undefined) throw backupFault(`WAL of base backup ${base.id} is missing: ${gap ?? base.startWal}`);
    if (index >= anchor && gap !== undefined) throw backupFault(`WAL file ${gap} is missing, and later ones are there`);
  }
}
