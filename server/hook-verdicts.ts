import { setTimeout as delay } from 'node:timers/promises';
import type { Identity } from '../auth/identity.js';
import type { Database } from '../db/database.js';
import { listen } from '../db/listen.js';
import { withOrg } from '../db/with-org.js';
import { takeVerdict, type Verdict } from '../domain/integration/hook-posts.js';

/** Channel on which the database names posts that have their verdict. */
const channel = 'bulkhead_hook_verdicts';

/** Milliseconds for which a post waits for its verdict, and after which it is looked for without a notice. */
const patienceMs = 8_000;
const lookEveryMs = 1_000;

/** Waits for the verdicts of posts that this gateway has handed over. */
export class HookVerdicts {
  readonly #database: Database;
  readonly #waiting = new Map<string, () => void>();
  readonly #unlisten: () => Promise<void>;

  constructor(database: Database) {
    this.#database = database;
    this.#unlisten = listen(database, channel, { onNotice: (id) => this.#waiting.get(id)?.() });
  }

  /**
   * Hands a post over and waits for what the worker says of it.
   * @param handOver says whether there is anything to wait for
   * @returns undefined when nothing was said within 8 s: the post has ended then
   */
  async of(identity: Identity, id: string, handOver: () => Promise<boolean>): Promise<Verdict | undefined> {
    const deadline = Date.now() + patienceMs;
    try {
      let told = this.#notice(id);
      if (!(await handOver())) return undefined;
      for (;;) {
        const leftMs = deadline - Date.now();
        await Promise.race([told, delay(Math.max(0, Math.min(leftMs, lookEveryMs)))]);
        told = this.#notice(id);
        const giveUp = Date.now() >= deadline;
        const verdict = await withOrg(this.#database, identity, 'write', (tx) => takeVerdict(tx, id, giveUp));
        if (verdict !== undefined || giveUp) return verdict;
      }
    } finally {
      this.#waiting.delete(id);
    }
  }

  /** Stops listening. */
  close(): Promise<void> {
    return this.#unlisten();
  }

  #notice(id: string): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
    });
  }
}
