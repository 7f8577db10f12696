import type { Logger } from 'pino';
import { failureReason } from './failure-reason.js';

/** A job that is run again and again. */
export interface JobSchedule {
  /** Name, as in the log. */
  readonly name: string;
  /** Milliseconds between the end of one run and the start of the next. */
  readonly everyMs: number;
  /** One run; what it throws is logged, and the next run comes all the same. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

/** Runs one job at once and then periodically, never twice at a time. */
export class PeriodicJob {
  readonly #schedule: JobSchedule;
  readonly #log: Logger;
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #run: Promise<void> | undefined;
  #isWoken = false;

  constructor(schedule: JobSchedule, log: Logger) {
    this.#schedule = schedule;
    this.#log = log.child({ job: schedule.name });
    this.wake();
  }

  /** Runs it now; when it is running, once more right after. */
  wake(): void {
    if (this.#stop.signal.aborted) return;
    if (this.#run !== undefined) {
      this.#isWoken = true;
      return;
    }
    clearTimeout(this.#timer);
    this.#run = this.#runOnce();
  }

  /** No further run; a run under way is told by its signal and waited for. */
  async close(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#timer);
    await this.#run;
  }

  async #runOnce(): Promise<void> {
    this.#isWoken = false;
    try {
      await this.#schedule.run(this.#stop.signal);
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#log.error({ reason: failureReason(error) }, 'the job failed');
    }
    this.#run = undefined;
    if (this.#stop.signal.aborted) return;
    this.#timer = setTimeout(() => this.wake(), this.#isWoken ? 0 : this.#schedule.everyMs);
  }
}
