import { LRUCache } from 'lru-cache';
import type { Database } from '../../db/database.js';
import { listen } from '../../db/listen.js';
import { type AuthenticatedKey, authenticate } from './authenticate.js';
import type { ParsedKey } from './key-format.js';

/** Channel on which the database tells of changed keys, by id. */
const channel = 'bulkhead_api_keys';
/** Keys remembered at most; the least recently used one is forgotten first. */
const maxKeys = 10_000;
/** Secrets of one key remembered at most: there are more than two only where it is rotated again within the grace. */
const maxSecretsPerKey = 4;

/**
 * Active keys of presented secrets, so that not every request looks its key up. Forgotten when the database says that a
 * key has changed; used only while it could say so. That a remembered key is still what it was is not decided here but
 * by `app.enter`, which compares revisions in each transaction.
 */
export class RememberedKeys {
  readonly #database: Database;
  /** By id of the key, then by hash of the secret. */
  readonly #keys = new LRUCache<string, Map<string, AuthenticatedKey>>({ max: maxKeys });
  readonly #watchers = new Map<string, Set<() => void>>();
  readonly #lookups = new Map<string, Promise<AuthenticatedKey | undefined>>();
  readonly #stop: () => Promise<void>;
  #isListening = false;
  /** Counts what was forgotten: a lookup that began before may answer what is no longer so. */
  #forgotten = 0;

  constructor(database: Database) {
    this.#database = database;
    this.#stop = listen(database, channel, {
      onNotice: (id) => {
        this.forget(id);
        for (const tell of this.#watchers.get(id) ?? []) tell();
      },
      onListening: () => {
        this.#isListening = true;
      },
      onLost: () => {
        this.#isListening = false;
        this.#forgotten += 1;
        this.#keys.clear();
      },
    });
  }

  /**
   * The same as `authenticate`, from memory where it is remembered. Requests that ask at once share one lookup. Unknown
   * and inactive keys are never remembered.
   */
  async find(presented: ParsedKey): Promise<AuthenticatedKey | undefined> {
    const secret = presented.secretHash.toString('latin1');
    const remembered = this.#keys.get(presented.id)?.get(secret);
    if (remembered !== undefined && remembered.endsAtMs > performance.now()) {
      return remembered.key.type === presented.type ? remembered : undefined;
    }
    const name = `${presented.type}${presented.id}${secret}`;
    let lookup = this.#lookups.get(name);
    if (lookup === undefined) {
      lookup = this.#lookUp(presented, secret).finally(() => this.#lookups.delete(name));
      this.#lookups.set(name, lookup);
    }
    return lookup;
  }

  /** Whether a key is remembered as active, so that nothing need be looked up for it. */
  isRemembered(presented: ParsedKey): boolean {
    const found = this.#keys.get(presented.id)?.get(presented.secretHash.toString('latin1'));
    return found !== undefined && found.endsAtMs > performance.now() && found.key.type === presented.type;
  }

  /** Forgets a key, with all its secrets. */
  forget(id: string): void {
    this.#forgotten += 1;
    this.#keys.delete(id);
    // Who asks from now on is not to share a lookup that began before.
    this.#lookups.clear();
  }

  /**
   * Tells whoever uses a key for longer than a request when the database says that it has changed. While nobody listens
   * it says nothing: look again from time to time.
   * @returns how to stop
   */
  watch(id: string, tell: () => void): () => void {
    const watchers = this.#watchers.get(id) ?? new Set();
    this.#watchers.set(id, watchers.add(tell));
    return () => {
      watchers.delete(tell);
      if (watchers.size === 0 && this.#watchers.get(id) === watchers) this.#watchers.delete(id);
    };
  }

  /** Stops listening. */
  async close(): Promise<void> {
    await this.#stop();
  }

  async #lookUp(presented: ParsedKey, secret: string): Promise<AuthenticatedKey | undefined> {
    const forgotten = this.#forgotten;
    const key = await authenticate(this.#database, presented);
    if (key?.active === true && this.#isListening && forgotten === this.#forgotten) {
      const secrets = this.#keys.get(presented.id) ?? new Map<string, AuthenticatedKey>();
      if (secrets.size >= maxSecretsPerKey) secrets.clear();
      secrets.set(secret, key);
      this.#keys.set(presented.id, secrets);
    }
    return key;
  }
}
