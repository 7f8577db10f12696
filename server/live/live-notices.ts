import type { Database } from '../../db/database.js';
import { listen } from '../../db/listen.js';
import type { LiveKind } from '../../domain/live/live-kind.js';
import { everyTopic } from '../../domain/live/live-kind.js';
import { BulkheadError } from '../../errors/bulkhead-error.js';
import { liveBounds } from './live-bounds.js';

/** Channel on which `platform.publish_live` tells what has happened: organization, kind and id. */
const channel = 'bulkhead_live';
/** Organization and kind have no spaces; what follows is the id. */
const form = /^([0-9a-f-]{36}) ([A-Z]+) (.+)$/s;

/** Who wants to hear of something. */
export interface LiveWatcher {
  readonly kind: LiveKind;
  readonly topic: string;
  readonly onNotice: (id: string) => void;
  /** Notices may have been missed. */
  readonly onGap: () => void;
}

/** The notices of all gateways, handed to the subscriptions of this one: those of an organization to its own alone. */
export class LiveNotices {
  readonly #watchers = new Map<string, Set<LiveWatcher>>();
  readonly #waiting = new Set<() => void>();
  readonly #stop: () => Promise<void>;
  #isListening = false;

  constructor(database: Database) {
    this.#stop = listen(database, channel, {
      onNotice: (payload) => this.#tell(payload),
      onListening: () => {
        this.#isListening = true;
        for (const resolve of this.#waiting) resolve();
        this.#waiting.clear();
        for (const watchers of this.#watchers.values()) for (const watcher of watchers) watcher.onGap();
      },
      onLost: () => {
        this.#isListening = false;
      },
    });
  }

  /**
   * Waits until notices are heard.
   * @throws BulkheadError UNAVAILABLE after 5 s
   */
  async listening(): Promise<void> {
    if (this.#isListening) return;
    await new Promise<void>((resolve, reject) => {
      const heard = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(heard);
        reject(new BulkheadError('UNAVAILABLE', 'The database is not reachable', { retryAfterMs: 1000 }));
      }, liveBounds.listeningMs);
      this.#waiting.add(heard);
    });
  }

  /** @returns how to stop */
  watch(orgId: string, watcher: LiveWatcher): () => void {
    const watchers = this.#watchers.get(orgId) ?? new Set();
    this.#watchers.set(orgId, watchers.add(watcher));
    return () => {
      watchers.delete(watcher);
      if (watchers.size === 0 && this.#watchers.get(orgId) === watchers) this.#watchers.delete(orgId);
    };
  }

  /** Stops listening. */
  close(): Promise<void> {
    return this.#stop();
  }

  #tell(payload: string): void {
    const [, orgId = '', kind, id = ''] = form.exec(payload) ?? [];
    for (const watcher of this.#watchers.get(orgId) ?? []) {
      if (watcher.kind === kind && (watcher.topic === id || watcher.topic === everyTopic)) watcher.onNotice(id);
    }
  }
}
