/** An object of a repository, as in a list. */
export interface StoredObject {
  readonly name: string;
  readonly bytes: number;
  readonly storedAt: Date;
}

/** Where backups are kept: objects by name, each written once and whole. It sees ciphertext and names only. */
export interface Repository {
  /** Where it is, in words for the operator. */
  readonly place: string;
  /**
   * Stores an object under a name that has none; safe from a power cut when it returns.
   * @returns false when there is one of this name already: it stays as it is
   */
  put(name: string, content: Buffer): Promise<boolean>;
  /** The content of an object; undefined where there is none. */
  get(name: string): Promise<Buffer | undefined>;
  /** The first bytes of an object, fewer where it is shorter; undefined where there is none. */
  getBegin(name: string, bytes: number): Promise<Buffer | undefined>;
  /** Objects whose names begin with a folder, which ends with a slash; in no particular order. */
  list(folder: string): AsyncIterable<StoredObject>;
  /** Removes an object; none of this name is no fault. */
  remove(name: string): Promise<void>;
}

/** Names are made of these; two dots in a row are in none. */
const namePattern = /^[A-Za-z0-9][A-Za-z0-9_-]*(?:[./][A-Za-z0-9][A-Za-z0-9_-]*)*$/;

/** @throws RangeError for what cannot be the name of an object */
export function requireName(name: string): string {
  if (!namePattern.test(name)) throw new RangeError(`no name of an object: ${name}`);
  return name;
}
