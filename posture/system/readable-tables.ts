import type { PostureContext } from '../posture-context.js';

/** Tables of organizations that the worker may read, as `schema.table`; partitions are reached through their parents. */
export async function readableTables({ operational }: PostureContext): Promise<string[]> {
  const rows = await operational.ask<{ name: string }>(`
    select format('%I.%I', n.nspname, c.relname) as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('app', 'audit') and c.relkind in ('r', 'p') and not c.relispartition
      and has_schema_privilege('bulkhead_worker', n.oid, 'USAGE')
      and has_any_column_privilege('bulkhead_worker', c.oid, 'SELECT')
    order by 1`);
  return rows.map(({ name }) => name);
}
