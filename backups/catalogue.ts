import { type BaseBackup, baseObjects, parseBase } from './base/base-backup.js';
import type { SealedRepository } from './repository/sealed-repository.js';
import { parseHistory, type TimelineHistory } from './wal/timeline-history.js';
import { getWal, listWal } from './wal/wal-archive.js';
import { isWalFile } from './wal/wal-file.js';

/** What a repository holds of one cluster. */
export interface Catalogue {
  /** Identifier of the cluster. */
  readonly system: string;
  /** Complete base backups, by the moment of their end. */
  readonly bases: readonly BaseBackup[];
  /** Folders of base backups that were begun and are not complete. */
  readonly unfinished: readonly string[];
  /** Names of all whole WAL files, each with the moment at which it was stored. */
  readonly wal: ReadonlyMap<string, Date>;
  /** Names of what else PostgreSQL has archived. */
  readonly others: readonly string[];
  /** Of each timeline but the first. */
  readonly histories: ReadonlyMap<number, TimelineHistory>;
}

/** Identifiers of the clusters of which a repository holds base backups or WAL. */
export async function listSystems(repository: SealedRepository): Promise<string[]> {
  const systems = new Set<string>();
  for await (const { name } of repository.list('')) {
    const [, system] = /^(\d{1,20})\/(?:base|wal)\//.exec(name) ?? [];
    if (system !== undefined) systems.add(system);
  }
  return [...systems];
}

/**
 * Reads what a repository holds of a cluster, from nothing but the repository.
 * @throws Error that names a description or history which does not open
 */
export async function readCatalogue(repository: SealedRepository, system: string): Promise<Catalogue> {
  const bases: BaseBackup[] = [];
  const folders = new Set<string>();
  const folder = baseObjects.folder(system);
  const described = new Set<string>();
  for await (const { name } of repository.list(folder)) {
    const [id = '', object = ''] = name.slice(folder.length).split(/\/(.*)/s);
    folders.add(id);
    if (object === 'description') described.add(id);
  }
  for (const id of described) bases.push(parseBase(await repository.require(baseObjects.description(system, id))));
  bases.sort((a, b) => (a.endedAt < b.endedAt ? -1 : 1));
  const wal = new Map<string, Date>();
  const others: string[] = [];
  for await (const { file, storedAt } of listWal(repository, system)) {
    if (isWalFile(file)) wal.set(file, storedAt);
    else others.push(file);
  }
  const histories = new Map<number, TimelineHistory>();
  for (const file of others.filter((name) => name.endsWith('.history'))) {
    const content = await getWal(repository, system, file);
    if (content !== undefined) histories.set(Number.parseInt(file.slice(0, 8), 16), parseHistory(content));
  }
  return { system, bases, unfinished: [...folders].filter((id) => !described.has(id)), wal, others, histories };
}
