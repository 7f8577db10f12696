import type postgres from 'postgres';
import type { Database } from './database.js';
import type { LanePool } from './lane-pool.js';

/** How a database is reached. */
export interface Pools {
  /** Connections of transactions on rows. */
  readonly lanes: LanePool;
  /** For what belongs to no organization: lookups before one is known, notices. */
  readonly plain: postgres.Sql;
  /** How to stop those who listen. */
  readonly listeners: Set<() => Promise<void>>;
}

const pools = new WeakMap<Database, Pools>();

/** Remembers the pools of a database: they are no property of it, so that whoever is handed a database cannot query it. */
export function keepPools(database: Database, ofDatabase: Pools): void {
  pools.set(database, ofDatabase);
}

/**
 * The pool for what belongs to no organization. Only files of this folder may ask for it (lint refuses every other
 * import): rows are reached through `withOrg` and `readWithOrg`.
 */
export function poolOf(database: Database): postgres.Sql {
  return poolsOf(database).plain;
}

/** The connections of transactions. Only files of this folder may ask for them. */
export function lanesOf(database: Database): LanePool {
  return poolsOf(database).lanes;
}

/** Those who listen, to be stopped with the database. Only files of this folder may ask for them. */
export function listenersOf(database: Database): Set<() => Promise<void>> {
  return poolsOf(database).listeners;
}

function poolsOf(database: Database): Pools {
  const ofDatabase = pools.get(database);
  if (ofDatabase === undefined) throw new Error('the database was not opened by openDatabase');
  return ofDatabase;
}
