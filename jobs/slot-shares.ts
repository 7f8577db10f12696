import type { EventEmitter } from 'node:events';

/** What the events of the library carry, as far as it is looked at. */
interface JobEvent {
  readonly job: { readonly payload: unknown };
}

/**
 * Keeps the slots of a worker fair: jobs of one organization run in half of them at most. Jobs carry their organization
 * as a flag, and those of an organization that has its share are skipped. One slot looks for a job at a time, so that
 * none counts on a share that another is about to take.
 */
export class SlotShares {
  readonly #share: number;
  readonly #taken = new Map<string, number>();
  #look: Promise<void> = Promise.resolve();
  #endLook: () => void = () => {};

  /** @param slots jobs that the worker runs at once */
  constructor(slots: number, events: EventEmitter) {
    this.#share = Math.max(1, Math.floor(slots / 2));
    events.on('job:start', ({ job }: JobEvent) => {
      this.#count(job, 1);
      this.#endLook();
    });
    events.on('worker:getJob:empty', () => this.#endLook());
    events.on('worker:getJob:error', () => this.#endLook());
    events.on('job:complete', ({ job }: JobEvent) => this.#count(job, -1));
  }

  /** Organizations whose jobs the slot that asks is to skip. The next slot waits until this one has found a job or none. */
  async skipped(): Promise<string[]> {
    const before = this.#look;
    let end = () => {};
    this.#look = new Promise((resolve) => {
      end = resolve;
    });
    await before;
    this.#endLook = end;
    return [...this.#taken].filter(([, count]) => count >= this.#share).map(([orgId]) => orgId);
  }

  #count({ payload }: JobEvent['job'], step: number): void {
    const orgId = (payload as { orgId?: unknown } | null)?.orgId;
    if (typeof orgId !== 'string') return;
    const count = (this.#taken.get(orgId) ?? 0) + step;
    if (count > 0) this.#taken.set(orgId, count);
    else this.#taken.delete(orgId);
  }
}
