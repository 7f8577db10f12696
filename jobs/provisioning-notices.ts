import type { Database } from '../db/database.js';
import { listen } from '../db/listen.js';

/** Channel on which `platform.register_organization` tells of a new organization. */
const channel = 'bulkhead_provisioning';

/**
 * Listens for new organizations. The driver gives up listening when the server was away for a moment; `ensure` takes it
 * up again. A notice that is missed costs time only: the job also looks by itself.
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
    this.#unlisten ??= await listen(this.#database, channel, this.#onNotice);
  }

  /** Forgets the subscription, which a fault of the database may have ended: the next `ensure` makes a new one. */
  async renew(): Promise<void> {
    const former = this.#unlisten;
    this.#unlisten = undefined;
    await former?.().catch(() => {});
  }
}
