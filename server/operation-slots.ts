import { BulkheadError } from '../errors/bulkhead-error.js';

/** Operations of one organization that one gateway runs at a time; further ones wait their turn. */
const slotsPerOrganization = 10;

interface Queue {
  running: number;
  readonly waiting: (() => void)[];
}

/**
 * Keeps one organization from occupying a gateway: its operations run at most ten at a time, in the order in which they
 * came. An operation that outlives its request keeps its slot until it has really ended.
 */
export class OperationSlots {
  readonly #queues = new Map<string, Queue>();

  /**
   * Runs `work` when a slot is free.
   * @param hasEnded work whose request has ended while it waited is not begun
   * @throws BulkheadError REQUEST_TIMEOUT for such work, which nobody waits for any more
   */
  async run<T>(orgId: string, hasEnded: () => boolean, work: () => Promise<T>): Promise<T> {
    const queue = this.#queues.get(orgId) ?? { running: 0, waiting: [] };
    this.#queues.set(orgId, queue);
    if (queue.running >= slotsPerOrganization) await new Promise<void>((resolve) => queue.waiting.push(resolve));
    else queue.running += 1;
    try {
      if (hasEnded()) throw new BulkheadError('REQUEST_TIMEOUT', 'The request ended before its turn came');
      return await work();
    } finally {
      this.#release(orgId, queue);
    }
  }

  /** Hands the slot to the next in line, who counts as running from here on. */
  #release(orgId: string, queue: Queue): void {
    const next = queue.waiting.shift();
    if (next !== undefined) {
      next();
      return;
    }
    queue.running -= 1;
    if (queue.running === 0) this.#queues.delete(orgId);
  }
}
