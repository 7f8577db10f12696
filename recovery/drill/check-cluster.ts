import type { Administrator } from '../../db/administrator.js';
import { recoveryFault } from '../recovery-fault.js';

/** What was looked at in a restored cluster. */
export interface CheckedCluster {
  readonly databases: number;
  readonly tables: number;
  readonly rows: number;
  readonly indexes: number;
}

/**
 * Reads all of a restored cluster, page checksums on: every table and every B-tree index by `amcheck`, and all rows of
 * Bulkhead's tables, which are counted.
 * @throws BulkheadError UNAVAILABLE that names what is damaged
 */
export async function checkCluster(connect: (database: string) => Administrator): Promise<CheckedCluster> {
  const names = await withConnection(connect, 'postgres', (sql) => {
    return sql<{ name: string; hasChecksums: string }[]>`
      select datname as name, current_setting('data_checksums') as "hasChecksums" from pg_database
      where datallowconn and not datistemplate order by datname`;
  });
  const total = { databases: 0, tables: 0, rows: 0, indexes: 0 };
  for (const { name, hasChecksums } of names) {
    if (hasChecksums !== 'on') throw recoveryFault('the pages of the cluster have no checksums');
    const { tables, rows, indexes } = await withConnection(connect, name, checkDatabase);
    total.databases += 1;
    total.tables += tables;
    total.rows += rows;
    total.indexes += indexes;
  }
  return total;
}

async function checkDatabase(sql: Administrator): Promise<Omit<CheckedCluster, 'databases'>> {
  await sql`create extension if not exists amcheck`;
  const [index] = await sql<{ count: string }[]>`
    select count(bt_index_check(c.oid)::text) as count from pg_class c
    join pg_index i on i.indexrelid = c.oid and i.indisvalid join pg_am a on a.oid = c.relam and a.amname = 'btree'
    where c.relkind = 'i' and c.relpersistence = 'p'`;
  const [damage] = await sql<{ name: string; message: string }[]>`
    select c.oid::regclass::text as name, v.msg as message from pg_class c
    cross join lateral verify_heapam(c.oid) v
    where c.relkind in ('r', 't', 'm') and c.relpersistence = 'p' limit 1`;
  if (damage !== undefined) throw recoveryFault(`table ${damage.name} is damaged: ${damage.message}`);
  const tables = await sql<{ schema: string; name: string }[]>`
    select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and n.nspname in ('app', 'audit', 'platform', 'vault', 'telemetry')`;
  let rows = 0;
  for (const { schema, name } of tables) {
    const [row] = await sql<{ count: string }[]>`select count(*) as count from ${sql(schema)}.${sql(name)}`;
    rows += Number(row?.count ?? 0);
  }
  return { tables: tables.length, rows, indexes: Number(index?.count ?? 0) };
}

async function withConnection<Result>(
  connect: (database: string) => Administrator,
  database: string,
  work: (sql: Administrator) => Promise<Result>,
): Promise<Result> {
  const sql = connect(database);
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}
