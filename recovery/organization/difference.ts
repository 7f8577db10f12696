import type { AdministratorTransaction } from '../../db/administrator.js';
import type { TelemetryRange } from './copy-telemetry.js';
import type { LoadedTable } from './load-rows.js';

/** What has happened to the rows of a table since the moment. */
export interface TableDifference {
  readonly table: string;
  /** Rows that are there now and were not: they go. */
  readonly added: number;
  /** Rows that are there with another content: they become what they were. */
  readonly changed: number;
  /** Rows that are not there any more: they come back. */
  readonly removed: number;
}

/** What has happened to an organization since the moment. */
export interface OrganizationDifference {
  readonly name: string;
  readonly tables: readonly TableDifference[];
  readonly telemetry: { readonly now: TelemetryRange; readonly past: TelemetryRange };
}

/** Tables whose rows of an organization are others than at the moment. */
export async function differenceOf(
  sql: AdministratorTransaction,
  tables: readonly LoadedTable[],
  orgId: string,
): Promise<TableDifference[]> {
  const differences: TableDifference[] = [];
  for (const { name, loaded, key } of tables) {
    const on = key.map((column) => `l.${column} = r.${column}`).join(' and ');
    const [row] = await sql.unsafe<{ added: number; changed: number; removed: number }[]>(
      `select count(*) filter (where r.org_id is null)::int as added,
              count(*) filter (where l.org_id is null)::int as removed,
              count(*) filter (where row_to_json(l)::text <> row_to_json(r)::text
                               and l.org_id is not null and r.org_id is not null)::int as changed
       from (select * from ${name} where org_id = $1) l full join ${loaded} r on ${on}`,
      [orgId],
    );
    if (row !== undefined && row.added + row.changed + row.removed > 0) differences.push({ table: name, ...row });
  }
  return differences;
}
