import { DamagedObject } from './backup-fault.js';
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
  /** Ids of base backups with a description, also of those whose description is damaged. */
  readonly described: readonly string[];
  /** Descriptions and histories that cannot be read, each in words that name it. */
  readonly damaged: readonly string[];
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
 * A description or history that is damaged is noted as such, and the rest is read.
 * @throws Error when the repository does not answer
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
  const damaged: string[] = [];
  for (const id of described) {
    const name = baseObjects.description(system, id);
    const base = await readable(name, damaged, () => repository.get(name), parseBase);
    if (base !== undefined) bases.push(base);
  }
  bases.sort((a, b) => (a.endedAt < b.endedAt ? -1 : 1));
  const wal = new Map<string, Date>();
  const others: string[] = [];
  for await (const { file, storedAt } of listWal(repository, system)) {
    if (isWalFile(file)) wal.set(file, storedAt);
    else others.push(file);
  }
  const histories = new Map<number, TimelineHistory>();
  for (const file of others.filter((name) => name.endsWith('.history'))) {
    const history = await readable(file, damaged, () => getWal(repository, system, file), parseHistory);
    if (history !== undefined) histories.set(Number.parseInt(file.slice(0, 8), 16), history);
  }
  const unfinished = [...folders].filter((id) => !described.has(id));
  return { system, bases, described: [...described], damaged, unfinished, wal, others, histories };
}

/** Undefined for what is damaged, which is noted, and for what was removed since it was listed. */
async function readable<T>(
  name: string,
  damaged: string[],
  read: () => Promise<Buffer | undefined>,
  parse: (content: Buffer) => T,
): Promise<T | undefined> {
  try {
    const content = await read();
    return content === undefined ? undefined : parsed(name, content, parse);
  } catch (error) {
    if (!(error instanceof DamagedObject)) throw error;
    damaged.push(error.message);
    return undefined;
  }
}

function parsed<T>(name: string, content: Buffer, parse: (content: Buffer) => T): T {
  try {
    return parse(content);
  } catch (error) {
    throw new DamagedObject(`${name} is not to be understood: another version of Bulkhead may have written it`, error);
  }
}
