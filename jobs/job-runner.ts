import { EventEmitter } from 'node:events';
import { Logger, type Runner, run, type WorkerPool } from 'graphile-worker';
import type pg from 'pg';
import { jobQueueSchema } from '../db/migrate-job-queue.js';
import { openQueuePool } from '../db/queue-connection.js';
import { failureReason } from './failure-reason.js';
import type { QueueContext } from './queue-context.js';
import { recordedRun } from './recorded-run.js';
import { beginSchedules, cronItems } from './schedules.js';
import { SlotShares } from './slot-shares.js';
import type { Task } from './task.js';
import { WorkerPresence } from './worker-presence.js';

/** Connections of the library to the queue: one listens, the others are used for moments. */
const maxConnections = 4;
/** Milliseconds after which each slot looks for jobs that are due again; new ones are told by a notice. */
const pollMs = 2_000;
/** Milliseconds until the queue is taken up again after the library has given up, some minutes into an outage. */
const restartMs = 5_000;

/** Runs the jobs of the queue, until it is closed. */
export class JobRunner<Context extends QueueContext> {
  readonly #context: Context;
  readonly #tasks: readonly Task<Context>[];
  readonly #slots: number;
  readonly #stop = new AbortController();
  #round: Round | undefined;
  #restart: NodeJS.Timeout | undefined;

  private constructor(context: Context, tasks: readonly Task<Context>[], slots: number) {
    this.#context = context;
    this.#tasks = tasks;
    this.#slots = slots;
  }

  /**
   * Takes up the queue.
   * @param slots jobs that it runs at once
   * @throws Error when the schema of the queue is older than the library, which a start of Bulkhead or `bulkhead migrate` mends
   */
  static async start<Context extends QueueContext>(
    context: Context,
    tasks: readonly Task<Context>[],
    slots: number,
  ): Promise<JobRunner<Context>> {
    const runner = new JobRunner(context, tasks, slots);
    await runner.#begin();
    return runner;
  }

  /** Takes no more jobs, tells those that run to stop at the next good place, and waits for them. */
  async close(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#restart);
    await this.#round?.close();
  }

  async #begin(): Promise<void> {
    const round = await Round.begin(this.#context, this.#tasks, this.#slots, this.#stop.signal);
    this.#round = round;
    void round.ended.then(async (reason) => {
      if (this.#stop.signal.aborted) return;
      this.#context.log.error({ reason }, 'the job queue is no longer served; it is taken up again');
      await round.close();
      this.#beginAgain();
    });
  }

  #beginAgain(): void {
    if (this.#stop.signal.aborted) return;
    this.#restart = setTimeout(() => {
      this.#begin().catch((error) => {
        this.#context.log.error({ reason: failureReason(error) }, 'the job queue could not be taken up');
        this.#beginAgain();
      });
    }, restartMs);
  }
}

/** From taking up the queue until the library ends. */
class Round {
  /** Why the library has ended. */
  readonly ended: Promise<string>;
  readonly #runner: Runner;
  readonly #pool: pg.Pool;
  readonly #presence: WorkerPresence | undefined;

  private constructor(runner: Runner, pool: pg.Pool, presence: WorkerPresence | undefined) {
    this.#runner = runner;
    this.#pool = pool;
    this.#presence = presence;
    this.ended = runner.promise.then(() => 'it ended', failureReason);
  }

  static async begin<Context extends QueueContext>(
    context: Context,
    tasks: readonly Task<Context>[],
    slots: number,
    signal: AbortSignal,
  ): Promise<Round> {
    const { configuration, log } = context;
    const pool = openPool(configuration.operationalUrl);
    try {
      const events = new EventEmitter();
      const shares = new SlotShares(slots, events);
      const items = cronItems(tasks);
      let worker: string | undefined;
      events.once('pool:create', ({ workerPool }: { workerPool: WorkerPool & { id: string } }) => {
        worker = workerPool.id;
      });
      await beginSchedules(context, tasks, items, events);
      const runner = await run({
        pgPool: pool,
        schema: jobQueueSchema,
        events: events as never,
        taskList: Object.fromEntries(
          tasks.map((task) => [task.name, (_payload, { job }) => recordedRun(task, job, context, signal)]),
        ),
        parsedCronItems: items,
        concurrency: slots,
        pollInterval: pollMs,
        noHandleSignals: true,
        forbiddenFlags: () => shares.skipped(),
        logger: libraryLogger(log),
        // What has come of a job is reported again and again while the database is away, and not once.
        preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
      });
      const presence = worker === undefined ? undefined : new WorkerPresence(configuration.operationalUrl, worker, log);
      return new Round(runner, pool, presence);
    } catch (error) {
      await pool.end();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#runner.stop().catch(() => {});
    await this.ended;
    await this.#presence?.close();
    await this.#pool.end();
  }
}

function openPool(url: string): pg.Pool {
  const pool = openQueuePool(url, {
    max: maxConnections,
    application_name: 'bulkhead worker',
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
  });
  // The same of those that are in use.
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/** What the library has to say, without the objects that it says it with. */
function libraryLogger(log: QueueContext['log']): Logger {
  const levels = { error: 'warn', warning: 'warn', info: 'debug', debug: 'debug' } as const;
  return new Logger(() => (level, message, meta) => {
    // Failed jobs are logged where they fail, with their reason only.
    if (meta?.['failure'] !== true) log[levels[level]]({ queue: true }, message);
  });
}
