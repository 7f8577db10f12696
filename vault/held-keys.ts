import { hkdfSync } from 'node:crypto';
import { keyBytes } from './authenticated-encryption.js';
import { UnknownKey } from './seal-broken.js';

/** Keys of one kind, 32 bytes each: the current one first, which seals, then retired ones, which still open. */
export type KeyVersions = readonly [Buffer, ...Buffer[]];

/** Bytes of the id of a key. */
export const keyIdBytes = 8;

/**
 * The id of a key, 16 hex digits: derived from it (HKDF, RFC 5869), so that it is the same wherever the key lies, and says
 * nothing of it.
 */
export function keyIdOf(key: Buffer): string {
  if (key.length !== keyBytes) throw new RangeError(`a key has ${keyBytes} bytes`);
  return Buffer.from(hkdfSync('sha256', key, '', 'bulkhead key id', keyIdBytes)).toString('hex');
}

/** Keys of one kind as a process holds them; they can be replaced while it runs. */
export class HeldKeys {
  #keys: ReadonlyMap<string, Buffer>;
  #current: { readonly id: string; readonly key: Buffer };

  constructor(keys: KeyVersions) {
    this.#current = identified(keys[0]);
    this.#keys = byId(keys);
  }

  /** The key that seals. */
  get current(): { readonly id: string; readonly key: Buffer } {
    return this.#current;
  }

  /** Ids of all of them, that of the current one first. */
  get ids(): readonly string[] {
    return [...this.#keys.keys()];
  }

  /**
   * The key that has sealed something.
   * @throws UnknownKey when it is not among them
   */
  withId(id: string): Buffer {
    const key = this.#keys.get(id);
    if (key === undefined) throw new UnknownKey(id);
    return key;
  }

  /** Takes on other keys; whoever seals or opens next does it with these. */
  replace(keys: KeyVersions): void {
    this.#current = identified(keys[0]);
    this.#keys = byId(keys);
  }
}

function identified(key: Buffer): { readonly id: string; readonly key: Buffer } {
  return { id: keyIdOf(key), key };
}

function byId(keys: KeyVersions): ReadonlyMap<string, Buffer> {
  return new Map(keys.map((key) => [keyIdOf(key), key]));
}
