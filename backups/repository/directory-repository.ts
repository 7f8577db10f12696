import type { Dirent } from 'node:fs';
import { link, mkdir, open, readdir, readFile, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { syncDirectory } from '../../audit/sync-directory.js';
import { type Repository, requireName, type StoredObject } from './repository.js';

/** Ending of a file that is being written. */
const draftEnding = '.new';
/** Milliseconds after which a draft is the leftover of a crash. */
const leftoverMs = 60_000;

/** A repository in a directory, which belongs on another disk than the database. */
export class DirectoryRepository implements Repository {
  readonly place: string;

  /** @param directory absolute path; made (0700) with the first object */
  constructor(directory: string) {
    this.place = directory;
  }

  async put(name: string, content: Buffer): Promise<boolean> {
    const path = this.#path(name);
    const folder = dirname(path);
    if (await isThere(path)) {
      // Whoever wrote it may have been killed before its name was on the disk.
      syncUp(folder, resolve(this.place));
      return false;
    }
    const made = await mkdir(folder, { recursive: true, mode: 0o700 });
    const draft = `${path}${draftEnding}`;
    await removeLeftover(draft);
    const file = await open(draft, 'wx', 0o400);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    let isNew = true;
    try {
      // Unlike a rename, a link never replaces what is there.
      await link(draft, path);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
      isNew = false;
    } finally {
      await rm(draft, { force: true });
    }
    syncUp(folder, resolve(this.place));
    if (made !== undefined) syncUp(folder, dirname(made));
    return isNew;
  }

  async get(name: string): Promise<Buffer | undefined> {
    try {
      return await readFile(this.#path(name));
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  async getBegin(name: string, bytes: number): Promise<Buffer | undefined> {
    const file = await open(this.#path(name)).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (file === undefined) return undefined;
    try {
      const begin = Buffer.alloc(bytes);
      const { bytesRead } = await file.read(begin, 0, bytes, 0);
      return begin.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  }

  async *list(folder: string): AsyncGenerator<StoredObject> {
    const path = join(this.place, folder);
    for (const entry of await entriesOf(path)) {
      const name = `${folder}${entry.name}`;
      if (entry.isDirectory()) yield* this.list(`${name}/`);
      else if (!entry.name.endsWith(draftEnding)) {
        const found = await stat(join(path, entry.name)).catch(() => undefined);
        if (found !== undefined) yield { name, bytes: found.size, storedAt: found.mtime };
      }
    }
  }

  async remove(name: string): Promise<void> {
    const path = this.#path(name);
    await rm(path, { force: true });
    await removeEmpty(dirname(path), this.place);
  }

  #path(name: string): string {
    return join(this.place, requireName(name));
  }
}

/** Removes folders that hold nothing any more, up to the one of the repository. */
async function removeEmpty(folder: string, upTo: string): Promise<void> {
  try {
    for (let each = folder; each.startsWith(upTo) && each !== upTo; each = dirname(each)) await rmdir(each);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(String(codeOf(error)))) throw error;
  }
}

async function removeLeftover(draft: string): Promise<void> {
  const found = await stat(draft).catch(() => undefined);
  if (found !== undefined && Date.now() - found.mtimeMs > leftoverMs) await rm(draft, { force: true });
}

/** A name is on the disk once its folder is, and the names of the folders up to one that is there for sure. */
function syncUp(folder: string, upTo: string): void {
  syncDirectory(folder);
  for (let each = folder; each !== upTo && each !== dirname(each); each = dirname(each)) syncDirectory(dirname(each));
}

async function entriesOf(path: string): Promise<Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

function codeOf(error: unknown): unknown {
  return (error as NodeJS.ErrnoException).code;
}
