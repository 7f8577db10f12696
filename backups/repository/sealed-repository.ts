import type { HeldKeys } from '../../vault/held-keys.js';
import { backupFault } from '../backup-fault.js';
import type { Repository, StoredObject } from './repository.js';
import { openObject, sealedHeadBytes, sealObject } from './seal-object.js';

/** The part of a repository that belongs to one deployment, sealed with its backup keys. Names are within it. */
export class SealedRepository {
  readonly place: string;
  readonly #repository: Repository;
  /** Backup keys, of which the current one seals. */
  readonly keys: HeldKeys;
  readonly #folder: string;

  /**
   * @param keys backup keys, of which the current one seals
   * @param deployment id of the deployment: first part of all names, and so authenticated with each object
   */
  constructor(repository: Repository, keys: HeldKeys, deployment: string) {
    this.place = repository.place;
    this.#repository = repository;
    this.keys = keys;
    this.#folder = `${deployment}/`;
  }

  /**
   * Seals and stores an object, once, and reads it back. Where there is one of this name it has to have this content.
   * @returns bytes that are stored
   * @throws BulkheadError UNAVAILABLE when there is another one, or what was stored cannot be read back
   */
  async put(name: string, content: Buffer): Promise<number> {
    const full = this.#folder + name;
    const sealed = await sealObject(this.keys, full, content);
    if (await this.#repository.put(full, sealed)) {
      if ((await this.#repository.get(full))?.equals(sealed) === true) return sealed.length;
      throw backupFault(`${full} was stored, but is not what is read back from ${this.place}`);
    }
    const there = await this.#repository.get(full);
    if (there !== undefined && (await openObject(this.keys, full, there)).equals(content)) return there.length;
    throw backupFault(`${full} is already in ${this.place}, with another content: it is never written over`);
  }

  /**
   * The content of an object; undefined where there is none.
   * @throws BulkheadError UNAVAILABLE that names it when it does not open
   */
  async get(name: string): Promise<Buffer | undefined> {
    const full = this.#folder + name;
    const sealed = await this.#repository.get(full);
    return sealed === undefined ? undefined : openObject(this.keys, full, sealed);
  }

  /** The first bytes of an object, as `backupKeyIdOf` reads them; undefined where there is none. */
  head(name: string): Promise<Buffer | undefined> {
    return this.#repository.getBegin(this.#folder + name, sealedHeadBytes);
  }

  /** @throws BulkheadError UNAVAILABLE that names it when it is not there, or does not open */
  async require(name: string): Promise<Buffer> {
    const content = await this.get(name);
    if (content === undefined) throw backupFault(`${this.#folder}${name} is missing in ${this.place}`);
    return content;
  }

  /** Objects whose names begin with a folder, which ends with a slash or is empty; in no particular order. */
  async *list(folder: string): AsyncGenerator<StoredObject> {
    for await (const object of this.#repository.list(this.#folder + folder)) {
      yield { ...object, name: object.name.slice(this.#folder.length) };
    }
  }

  /** Removes an object; none of this name is no fault. */
  remove(name: string): Promise<void> {
    return this.#repository.remove(this.#folder + name);
  }
}
