import { createHash } from 'node:crypto';
import type { SealedRepository } from '../repository/sealed-repository.js';
import { type BaseBackup, baseObjects, partBytes } from './base-backup.js';

/** Parts that are sealed and stored at a time; with the one that is being filled they are all that is in memory. */
const partsUnderWay = 2;

/** What was stored of a base backup. */
export interface StoredArchives {
  readonly archives: BaseBackup['archives'];
  readonly manifestFile: Buffer;
  readonly manifest: BaseBackup['manifest'];
  readonly bytes: number;
  readonly storedBytes: number;
}

/** Cuts the archives of a base backup into parts and stores them, while they come. */
export class ArchiveStore {
  readonly #repository: SealedRepository;
  readonly #system: string;
  readonly #id: string;
  readonly #archives: { name: string; bytes: number; parts: number }[] = [];
  readonly #manifest: Buffer[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #part = Buffer.allocUnsafe(0);
  #filled = 0;
  #failure: { readonly error: unknown } | undefined;
  /** Bytes that have come, and that are stored. */
  bytes = 0;
  storedBytes = 0;

  constructor(repository: SealedRepository, system: string, id: string) {
    this.#repository = repository;
    this.#system = system;
    this.#id = id;
  }

  /** From here on another archive comes. */
  beginArchive(name: string): void {
    this.#flush();
    this.#archives.push({ name, bytes: 0, parts: 0 });
  }

  /**
   * Takes a copy of bytes of the archive.
   * @returns a promise while no more is wanted; it fails with what could not be stored
   */
  add(chunk: Buffer): Promise<void> | undefined {
    const archive = this.#archives.at(-1);
    if (archive === undefined) throw new TypeError('bytes before the first archive');
    archive.bytes += chunk.length;
    this.bytes += chunk.length;
    for (let at = 0; at < chunk.length; ) {
      if (this.#part.length === 0) this.#part = Buffer.allocUnsafe(partBytes);
      const copied = chunk.copy(this.#part, this.#filled, at);
      at += copied;
      this.#filled += copied;
      if (this.#filled === partBytes) this.#flush();
    }
    return this.#underWay.size > partsUnderWay ? this.#room() : undefined;
  }

  /** Takes a copy of bytes of PostgreSQL's manifest. */
  addManifest(chunk: Buffer): void {
    this.#manifest.push(Buffer.from(chunk));
  }

  /** Stores what is left and the manifest. */
  async finish(): Promise<StoredArchives> {
    this.#flush();
    await Promise.all(this.#underWay);
    this.#throwFailure();
    const manifestFile = Buffer.concat(this.#manifest);
    this.storedBytes += await this.#repository.put(baseObjects.manifest(this.#system, this.#id), manifestFile);
    return {
      archives: this.#archives,
      manifestFile,
      manifest: { bytes: manifestFile.length, sha256: createHash('sha256').update(manifestFile).digest('hex') },
      bytes: this.bytes,
      storedBytes: this.storedBytes,
    };
  }

  /** Waits for what is under way; nothing more is to come. */
  async abandon(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  #flush(): void {
    const archive = this.#archives.at(-1);
    if (archive === undefined || this.#filled === 0) return;
    archive.parts += 1;
    const name = baseObjects.part(this.#system, this.#id, archive.name, archive.parts);
    const content = this.#part.subarray(0, this.#filled);
    this.#part = Buffer.allocUnsafe(0);
    this.#filled = 0;
    const storing = this.#store(name, content).finally(() => this.#underWay.delete(storing));
    this.#underWay.add(storing);
  }

  async #store(name: string, content: Buffer): Promise<void> {
    try {
      this.storedBytes += await this.#repository.put(name, content);
    } catch (error) {
      this.#failure ??= { error };
    }
  }

  async #room(): Promise<void> {
    while (this.#underWay.size > partsUnderWay) await Promise.race(this.#underWay);
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
