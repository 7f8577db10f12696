import type { Administrator } from '../../db/administrator.js';
import { recoveryFault } from '../recovery-fault.js';
import { type RowStore, rowDecisions } from './row-decisions.js';

/** A table with rows of organizations. */
export interface OrganizationTable {
  /** With its schema. */
  readonly name: string;
  readonly isRestored: boolean;
  /** Columns of the primary key. */
  readonly key: readonly string[];
  /** Columns that can be written. */
  readonly columns: readonly string[];
}

/**
 * The tables of a database with a column `org_id`, as its catalogue has them, with what becomes of each.
 * @throws BulkheadError UNAVAILABLE for one about which nothing was decided
 */
export async function organizationTables(sql: Administrator, store: RowStore): Promise<OrganizationTable[]> {
  const rows = await sql<{ name: string; key: string | null; columns: string }[]>`
    select n.nspname || '.' || c.relname as name,
           (select string_agg(k.attname, ' ' order by x.ordinality)
            from pg_index i cross join unnest(i.indkey) with ordinality x (attnum, ordinality)
            join pg_attribute k on k.attrelid = c.oid and k.attnum = x.attnum
            where i.indrelid = c.oid and i.indisprimary) as key,
           (select string_agg(w.attname, ' ' order by w.attnum) from pg_attribute w
            where w.attrelid = c.oid and w.attnum > 0 and not w.attisdropped and w.attgenerated = '') as columns
    from pg_class c join pg_namespace n on n.oid = c.relnamespace and n.nspname not in ('pg_catalog', 'information_schema')
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'org_id' and not a.attisdropped
    where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence <> 't' order by 1`;
  return rows.map(({ name, key, columns }) => {
    const decision = rowDecisions[store][name];
    if (decision === undefined) throw recoveryFault(`Nothing is decided about ${name}: see row-decisions.ts.`);
    return {
      name,
      isRestored: decision === 'RESTORED',
      key: key?.split(' ') ?? [],
      columns: columns.split(' '),
    };
  });
}
