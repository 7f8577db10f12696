import type postgres from 'postgres';
import type { Database } from './database.js';

const pools = new WeakMap<Database, postgres.Sql>();

/** Remembers the pool of a database: it is no property of it, so that whoever is handed a database cannot query it. */
export function keepPool(database: Database, pool: postgres.Sql): void {
  pools.set(database, pool);
}

/**
 * The pool of a database. Only files of this folder may ask for it (lint refuses every other import): rows are reached
 * through `withOrg`.
 */
export function poolOf(database: Database): postgres.Sql {
  const pool = pools.get(database);
  if (pool === undefined) throw new Error('the database was not opened by openDatabase');
  return pool;
}
