import type { Database } from './database.js';
import { lanesOf } from './pool.js';

/** How far the connections of transactions are in use. */
export interface PoolCounts {
  readonly used: number;
  readonly free: number;
  /** Connections at most. */
  readonly limit: number;
  /** Transactions that wait for one. */
  readonly waiting: number;
}

/** The connections of transactions of a database, now. */
export function poolCounts(database: Database): PoolCounts {
  return lanesOf(database).counts;
}
