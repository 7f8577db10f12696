import type { OrgSnapshot } from '../db/org-snapshot.js';
import type { ArchiveFile } from './archive-file.js';
import { csvLines } from './csv-lines.js';
import {
  type CatalogueColumn,
  catalogueColumns,
  catalogueQuery,
  type ExportedTable,
  exportedTables,
} from './exported-table.js';
import type { TableStore } from './table-decisions.js';

/** Rows held in memory at a time; one has 32 KiB at most, most of them far less. */
const rowsPerFetch = 200;

/** The tables of a store that are exported. */
export async function tablesOf(store: TableStore, snapshot: OrgSnapshot): Promise<ExportedTable[]> {
  return exportedTables(store, catalogueColumns(await snapshot.all(catalogueQuery)));
}

/** Rows of the organization in a table. */
export async function countRows(snapshot: OrgSnapshot, table: ExportedTable): Promise<number> {
  const [[count] = []] = await snapshot.all(`select count(*)::text from ${table.name} where org_id = $1::uuid`, [
    snapshot.orgId,
  ]);
  return Number(count);
}

/** The rows of a table as NDJSON and as CSV: both are read from the snapshot, in the order of the primary key. */
export function tableFiles(snapshot: OrgSnapshot, table: ExportedTable): ArchiveFile[] {
  const source = `from ${table.name} where org_id = $1::uuid order by ${table.key.join(', ')}`;
  const names = table.columns.map(({ name }) => name);
  const json = `select row_to_json(r)::text from (select ${names.join(', ')} ${source}) r`;
  const cells = `select ${table.columns.map(cell).join(', ')} ${source}`;
  return [
    {
      name: `${baseName(table.name)}.ndjson`,
      async *content(count) {
        for await (const rows of snapshot.rows(json, [snapshot.orgId], rowsPerFetch)) {
          yield rows.map(([line]) => `${line}\n`).join('');
          count(rows.length);
        }
      },
    },
    {
      name: `${baseName(table.name)}.csv`,
      async *content(count) {
        yield csvLines([names]);
        for await (const rows of snapshot.rows(cells, [snapshot.orgId], rowsPerFetch)) {
          yield csvLines(rows);
          count(rows.length);
        }
      },
    },
  ];
}

/** A column as one text; lists as JSON, which is told apart from their elements without a manual. */
function cell({ name, type }: CatalogueColumn): string {
  return type.endsWith('[]') ? `to_json(${name})::text` : `${name}::text`;
}

/** `app.places` is in `places`, `audit.entries` in `audit_entries`: never a name that a customer gave. */
function baseName(table: string): string {
  const name = table.startsWith('app.') ? table.slice('app.'.length) : table.replace('.', '_');
  if (!/^[a-z_]+$/.test(name)) throw new Error('the name of a table is no name of a file');
  return `tables/${name}`;
}
