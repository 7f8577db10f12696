import { isDeepStrictEqual } from 'node:util';
import { BulkheadError } from '../errors/bulkhead-error.js';
import { openLane } from './open-lane.js';
import type { TelemetryDatabase, TelemetryPlacement } from './telemetry-database.js';
import { translateTelemetryError } from './translate-telemetry-error.js';

/** Options of `TelemetryPools`. */
export interface TelemetryPoolsOptions {
  /** Pools open at once (default 100, two connections each). Best above the number of organizations active at a time. */
  readonly maxPools?: number;
  /** Milliseconds after which an unused connection is closed (default 60,000). */
  readonly idleCloseMs?: number;
  /** Milliseconds to wait for another organization's pool to come free when all are in use (default 5,000). */
  readonly waitMs?: number;
}

interface Pool {
  readonly database: TelemetryDatabase;
  /** What it was opened for. */
  readonly placement: TelemetryPlacement;
  leases: number;
  /** Replaced by a newer placement: closed when its last lease ends. */
  isRetired: boolean;
  /** Settled when its connections are gone. */
  ending: Promise<unknown> | undefined;
}

/** Milliseconds that queries under way get when a pool is closed. */
const closeGraceMs = 5_000;

/**
 * One small pool per organization, opened by its first use: a connection for reads and one for writes, so that ingest never
 * waits for wide queries. The number of pools is bounded: for one more, the one that
 * was not used for longest is closed, but never while someone works with it.
 */
export class TelemetryPools {
  readonly #maxPools: number;
  readonly #idleCloseMs: number;
  readonly #waitMs: number;
  /** By organization, least recently used first. */
  readonly #pools = new Map<string, Pool>();
  /** Every pool that may have connections, retired and closing ones too: what the bound counts. */
  readonly #places = new Set<Pool>();
  /** Called when a lease or a place came free. */
  readonly #waiting = new Set<() => void>();
  #isClosed = false;

  constructor(options: TelemetryPoolsOptions = {}) {
    this.#maxPools = options.maxPools ?? 100;
    this.#idleCloseMs = options.idleCloseMs ?? 60_000;
    this.#waitMs = options.waitMs ?? 5_000;
  }

  /**
   * Lends the database of an organization to `work`. A placement that differs from the last one (another cluster, a new
   * password) opens a new pool; work under way finishes on the old one.
   * @throws BulkheadError TELEMETRY_PROVISIONING where the placement does not hold, UNAVAILABLE where the database is
   *   not reachable or no pool came free in time, REQUEST_TIMEOUT after 5 s of one statement
   */
  async use<Result>(
    placement: TelemetryPlacement,
    work: (database: TelemetryDatabase) => Promise<Result>,
  ): Promise<Result> {
    const pool = await this.#lease(placement);
    try {
      return await work(pool.database);
    } catch (error) {
      throw translateTelemetryError(error);
    } finally {
      this.#release(pool);
    }
  }

  /** Closes every pool; queries under way get 5 s. Nothing can be used afterwards. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#pools.clear();
    this.#wake();
    await Promise.all([...this.#places].map((pool) => this.#end(pool)));
  }

  async #lease(placement: TelemetryPlacement): Promise<Pool> {
    const deadline = Date.now() + this.#waitMs;
    for (;;) {
      if (this.#isClosed) throw new BulkheadError('UNAVAILABLE', 'The gateway is shutting down');
      const pool = this.#current(placement) ?? this.#open(placement);
      if (pool !== undefined) {
        pool.leases += 1;
        return pool;
      }
      await this.#oneFree(deadline - Date.now());
    }
  }

  /** The open pool of the organization, now the most recently used; one for an older placement is retired. */
  #current(placement: TelemetryPlacement): Pool | undefined {
    const { orgId } = placement;
    const pool = this.#pools.get(orgId);
    if (pool === undefined) return undefined;
    this.#pools.delete(orgId);
    if (isSame(pool.placement, placement)) {
      this.#pools.set(orgId, pool);
      return pool;
    }
    pool.isRetired = true;
    if (pool.leases === 0) void this.#end(pool);
    return undefined;
  }

  #open(placement: TelemetryPlacement): Pool | undefined {
    if (this.#places.size >= this.#maxPools) {
      this.#evictOne();
      return undefined;
    }
    const [sql, writes] = [openLane(placement, this.#idleCloseMs), openLane(placement, this.#idleCloseMs)];
    const database = { orgId: placement.orgId, sql, writes, knownWeeks: new Set<number>(), rollups: {} };
    const pool: Pool = { database, placement, leases: 0, isRetired: false, ending: undefined };
    this.#places.add(pool);
    this.#pools.set(placement.orgId, pool);
    return pool;
  }

  /** Closes the least recently used pool that nobody works with, unless a place is about to come free anyway. */
  #evictOne(): void {
    if ([...this.#places].some((pool) => pool.ending !== undefined)) return;
    for (const [orgId, pool] of this.#pools) {
      if (pool.leases > 0) continue;
      this.#pools.delete(orgId);
      void this.#end(pool);
      return;
    }
  }

  #release(pool: Pool): void {
    pool.leases -= 1;
    if (pool.leases > 0) return;
    if (pool.isRetired) void this.#end(pool);
    else this.#wake();
  }

  #end(pool: Pool): Promise<unknown> {
    const { sql, writes } = pool.database;
    pool.ending ??= Promise.all([sql, writes].map((lane) => lane.end({ timeout: closeGraceMs / 1000 }))).finally(() => {
      this.#places.delete(pool);
      this.#wake();
    });
    return pool.ending;
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }

  async #oneFree(waitMs: number): Promise<void> {
    if (waitMs <= 0) throw busy();
    await new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, waitMs);
      this.#waiting.add(wake);
    });
  }
}

function busy(): BulkheadError {
  return new BulkheadError('UNAVAILABLE', 'All connections to telemetry databases are in use', { retryAfterMs: 1_000 });
}

/** Whether two placements lead to the same database by the same credential. */
function isSame(one: TelemetryPlacement, other: TelemetryPlacement): boolean {
  return one === other || isDeepStrictEqual(one, other);
}
