import type pg from 'pg';
import type { Logger } from 'pino';
import { queueConnection } from '../db/queue-connection.js';
import { failureReason } from './failure-reason.js';

/** Milliseconds between two signs of life. */
const beatMs = 1_000;
/** At every so many beats in a row dead workers are looked for, so that after an outage the living come first. */
const beatsBeforeLook = 3;

/**
 * Shows that a worker lives, by a lock that ends with its connection and a sign every second, and gives back the jobs of
 * those that do not: of one that was killed after some 5 s, of one whose machine is gone after some 35 s.
 */
export class WorkerPresence {
  readonly #url: string;
  readonly #worker: string;
  readonly #log: Logger;
  #client: pg.Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #beat: Promise<void>;
  #beats = 0;
  #isClosed = false;

  /** @param worker name under which it takes jobs */
  constructor(url: string, worker: string, log: Logger) {
    this.#url = url;
    this.#worker = worker;
    this.#log = log;
    this.#beat = this.#run();
  }

  /** Ends it; to be called when no job runs any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#beat;
    await this.#client?.end().catch(() => {});
  }

  async #run(): Promise<void> {
    try {
      this.#client ??= await this.#connect();
      await this.#client.query('select platform.note_worker($1)', [this.#worker]);
      this.#beats += 1;
      if (this.#beats % beatsBeforeLook === 0) await this.#releaseDead(this.#client);
    } catch (error) {
      this.#log.warn({ reason: failureReason(error) }, 'a sign of life of the worker failed');
      this.#forget(this.#client);
    }
    if (!this.#isClosed) {
      this.#timer = setTimeout(() => {
        this.#beat = this.#run();
      }, beatMs);
    }
  }

  async #connect(): Promise<pg.Client> {
    const { Client, connectionString } = queueConnection(this.#url);
    const client = new Client({
      connectionString,
      application_name: 'bulkhead worker',
      connectionTimeoutMillis: 5_000,
      query_timeout: 10_000,
      keepAlive: true,
    });
    client.on('error', () => this.#forget(client));
    await client.connect();
    try {
      await client.query(`select pg_advisory_lock(hashtextextended('bulkhead:worker:' || $1, 0))`, [this.#worker]);
      return client;
    } catch (error) {
      void client.end().catch(() => {});
      throw error;
    }
  }

  #forget(client: pg.Client | undefined): void {
    this.#beats = 0;
    if (client === undefined || client !== this.#client) return;
    this.#client = undefined;
    void client.end().catch(() => {});
  }

  async #releaseDead(client: pg.Client): Promise<void> {
    const { rows } = await client.query<{ worker: string; jobs: number }>(
      'select worker, jobs from platform.release_dead_workers()',
    );
    for (const dead of rows) this.#log.warn(dead, 'a worker has ended; its jobs are taken up again');
  }
}
