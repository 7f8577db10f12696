import type { Database } from '../db/database.js';
import { listen } from '../db/listen.js';

/** Channel on which `platform.register_organization` tells of a new organization. */
const channel = 'bulkhead_provisioning';

/**
 * Listens for new organizations, and looks when listening begins, again after the server was away for a moment. A notice that is missed costs time only: the job also looks by itself.
 */
export class ProvisioningNotices {
  readonly #database: Database;
  readonly #onNotice: () => void;
  #unlisten: (() => Promise<void>) | undefined;

  constructor(database: Database, onNotice: () => void) {
    this.#database = database;
    this.#onNotice = onNotice;
  }

  /** Listens, unless it already does. */
  async ensure(): Promise<void> {
    this.#unlisten ??= await listen(this.#database, channel, {
      onNotice: this.#onNotice,
      // What was asked for meanwhile.
      onListening: this.#onNotice,
    });
  }

  /** Forgets the subscription, which a fault of the database may have ended: the next `ensure` makes a new one. */
  async renew(): Promise<void> {
    const former = this.#unlisten;
    this.#unlisten = undefined;
    await former?.().catch(() => {});
  }
}
