import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { packageRoot } from '../../db/package-root.js';
import { BulkheadError } from '../../errors/bulkhead-error.js';
import type { HandlerCall } from './handler-thread.js';
import type { HandlerAnswer } from './run-handler.js';

/** Threads at a time: two at least, so that one organization never has all of them. */
const maxThreads = Math.min(4, Math.max(2, availableParallelism() - 1));
/** Milliseconds after which a thread is ended, whatever it does: QuickJS itself stops earlier where it can. */
const killMs = 2000;
/** Calls of one organization that wait at most. */
const maxWaitingOfOne = 20;
/** Calls of all organizations that wait at most; each holds a document. */
const maxWaiting = 200;
/** Milliseconds that a call waits at most, well within a request. */
const maxWaitMs = 5000;
/** Milliseconds after which a caller that was refused should try again. */
const retryAfterMs = 1000;

interface WaitingCall {
  readonly call: HandlerCall;
  readonly resolve: (answer: HandlerAnswer) => void;
  readonly reject: (error: Error) => void;
  readonly patience: NodeJS.Timeout;
}

/**
 * Runs the handlers of templates in threads beside the event loop. One call at a time for each organization, and turns
 * among organizations; a thread that does not answer in 2 s is ended.
 */
export class HandlerThreads {
  readonly #idle: Worker[] = [];
  #running = 0;
  #waitingCount = 0;
  /** Calls that wait, by organization, in the order in which these have their turns. */
  readonly #waiting = new Map<string, WaitingCall[]>();
  /** Organizations a call of which is running. */
  readonly #busy = new Set<string>();
  readonly #threads = new Set<Worker>();
  #isClosed = false;

  /**
   * Runs a handler.
   * @param document JSON text; undefined to look only whether the source has a handler
   * @throws BulkheadError UNAVAILABLE when too many calls wait, or when the turn did not come within 5 s
   */
  run(orgId: string, source: string, document?: string): Promise<HandlerAnswer> {
    const queue = this.#waiting.get(orgId) ?? [];
    if (this.#isClosed || queue.length >= maxWaitingOfOne || this.#waitingCount >= maxWaiting) {
      return Promise.reject(unavailable());
    }
    return new Promise((resolve, reject) => {
      const patience = setTimeout(() => this.#giveUp(orgId, waiting), maxWaitMs);
      const waiting: WaitingCall = { call: { source, document }, resolve, reject, patience };
      queue.push(waiting);
      this.#waiting.set(orgId, queue);
      this.#waitingCount += 1;
      this.#next();
    });
  }

  /** Ends all threads and refuses what waits. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const [orgId, queue] of this.#waiting) for (const waiting of [...queue]) this.#giveUp(orgId, waiting);
    await Promise.all([...this.#threads].map((thread) => thread.terminate()));
  }

  #giveUp(orgId: string, waiting: WaitingCall): void {
    const queue = this.#waiting.get(orgId) ?? [];
    const index = queue.indexOf(waiting);
    if (index < 0) return;
    queue.splice(index, 1);
    if (queue.length === 0) this.#waiting.delete(orgId);
    this.#waitingCount -= 1;
    clearTimeout(waiting.patience);
    waiting.reject(unavailable());
  }

  /** Starts as many calls as there are threads for. */
  #next(): void {
    for (const [orgId, queue] of this.#waiting) {
      if (this.#running >= maxThreads || this.#isClosed) return;
      if (this.#busy.has(orgId)) continue;
      const waiting = queue.shift();
      // To the end of the line, behind the organizations that had no turn yet.
      this.#waiting.delete(orgId);
      if (queue.length > 0) this.#waiting.set(orgId, queue);
      if (waiting === undefined) continue;
      this.#waitingCount -= 1;
      clearTimeout(waiting.patience);
      void this.#run(orgId, waiting);
    }
  }

  async #run(orgId: string, { call, resolve }: WaitingCall): Promise<void> {
    this.#busy.add(orgId);
    this.#running += 1;
    const thread = this.#idle.pop() ?? this.#startThread();
    const answer = await answerOf(thread, call);
    if (answer === undefined) await thread.terminate();
    else this.#idle.push(thread);
    this.#running -= 1;
    this.#busy.delete(orgId);
    const late = `the handler did not end within ${killMs} ms, or brought its thread down`;
    resolve(answer ?? { reason: late, isLate: true });
    this.#next();
  }

  #startThread(): Worker {
    const thread = new Worker(join(packageRoot, 'dist', 'integrations', 'templates', 'handler-thread.js'), {
      env: {},
      execArgv: [],
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16 },
    });
    // A gateway that is closed in another way does not wait for its threads.
    thread.unref();
    this.#threads.add(thread);
    thread.once('exit', () => {
      this.#threads.delete(thread);
      const index = this.#idle.indexOf(thread);
      if (index >= 0) this.#idle.splice(index, 1);
    });
    // Without a listener an error of the thread would be one of the gateway.
    thread.on('error', () => {});
    return thread;
  }
}

/** The answer of a thread; undefined where it has none in time, or ends. */
function answerOf(thread: Worker, call: HandlerCall): Promise<HandlerAnswer | undefined> {
  return new Promise((resolve) => {
    const settle = (answer: HandlerAnswer | undefined) => {
      clearTimeout(timer);
      thread.off('message', settle).off('exit', none);
      resolve(answer);
    };
    const none = () => settle(undefined);
    const timer = setTimeout(none, killMs);
    thread.on('message', settle).on('exit', none);
    thread.postMessage(call);
  });
}

function unavailable(): BulkheadError {
  return new BulkheadError('UNAVAILABLE', 'Too many handlers of templates wait for their turn', { retryAfterMs });
}
