import type { Administrator } from '../../db/administrator.js';
import type { OrganizationTable } from './organization-tables.js';

/** Rows that travel at a time. */
const pageSize = 500;

/** A table of the live database, with the temporary one that holds its rows of the moment. */
export interface LoadedTable extends OrganizationTable {
  /** Name of the temporary table. */
  readonly loaded: string;
}

/**
 * Copies the rows of an organization from a recovered database into temporary tables of a session of the live one, as
 * JSON, in which PostgreSQL writes and reads every type without loss.
 */
export async function loadRows(
  from: Administrator,
  to: Administrator,
  tables: readonly OrganizationTable[],
  orgId: string,
): Promise<LoadedTable[]> {
  const loaded: LoadedTable[] = [];
  for (const [index, table] of tables.entries()) {
    const name = `pg_temp.restored_${index}`;
    await to.unsafe(`create temp table restored_${index} (like ${table.name})`);
    const rows = from.unsafe<{ row: string }[]>(
      `select row_to_json(t)::text as row from ${table.name} t where t.org_id = $1`,
      [orgId],
    );
    for await (const page of rows.cursor(pageSize)) {
      const text = `[${page.map(({ row }) => row).join(',')}]`;
      await to.unsafe(`insert into ${name} select * from json_populate_recordset(null::${name}, $1::text::json)`, [
        text,
      ]);
    }
    loaded.push({ ...table, loaded: name });
  }
  return loaded;
}
