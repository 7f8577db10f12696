import type { SealedRepository } from '../repository/sealed-repository.js';
import { isArchived } from './wal-file.js';

/** A file of the WAL archive, as in a list. */
export interface ArchivedFile {
  /** Name that PostgreSQL gave it. */
  readonly file: string;
  readonly bytes: number;
  readonly storedAt: Date;
}

/** Name of a file of the WAL archive in a repository: by cluster and timeline. */
function objectName(system: string, file: string): string {
  if (!isArchived(file)) throw new RangeError(`no name of a WAL file: ${file}`);
  return `${system}/wal/${file.slice(0, 8)}/${file}`;
}

/**
 * Stores a file that PostgreSQL archives, once.
 * @param system identifier of the cluster
 * @returns bytes that are stored
 * @throws Error when another one of this name is there
 */
export function putWal(repository: SealedRepository, system: string, file: string, content: Buffer): Promise<number> {
  return repository.put(objectName(system, file), content);
}

/**
 * A file of the WAL archive as PostgreSQL gave it; undefined where there is none: for `restore_command`.
 * @throws Error that names it when it is damaged
 */
export function getWal(repository: SealedRepository, system: string, file: string): Promise<Buffer | undefined> {
  return repository.get(objectName(system, file));
}

/** All files of the WAL archive of a cluster. */
export async function* listWal(repository: SealedRepository, system: string): AsyncGenerator<ArchivedFile> {
  for await (const { name, bytes, storedAt } of repository.list(`${system}/wal/`)) {
    yield { file: name.slice(name.lastIndexOf('/') + 1), bytes, storedAt };
  }
}

/** Removes a file of the WAL archive. */
export function removeWal(repository: SealedRepository, system: string, file: string): Promise<void> {
  return repository.remove(objectName(system, file));
}
