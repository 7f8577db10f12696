import type { TextRow } from '../db/org-snapshot.js';
import { BulkheadError } from '../errors/bulkhead-error.js';
import { type TableDecision, type TableStore, tableDecisions } from './table-decisions.js';

/** A column as the catalogue has it. */
export interface CatalogueColumn {
  /** Schema and name of its table. */
  readonly table: string;
  readonly name: string;
  /** Its type, as `format_type` writes it. */
  readonly type: string;
  /** Place in the primary key, from 1; null outside of it. */
  readonly keyPlace: number | null;
}

/** A table that is exported, as both the catalogue and the decisions have it. */
export interface ExportedTable {
  /** Schema and name. */
  readonly name: string;
  readonly columns: readonly CatalogueColumn[];
  /** Names of the primary key, by which its rows are ordered. */
  readonly key: readonly string[];
}

/** All columns of all tables that have rows of organizations; of partitioned ones the table itself. */
export const catalogueQuery = `
  select n.nspname || '.' || c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
         array_position(k.conkey, a.attnum)::text
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  left join pg_constraint k on k.conrelid = c.oid and k.contype = 'p'
  where c.relkind in ('r', 'p', 'f', 'm') and not c.relispartition
    and exists (select from pg_attribute o where o.attrelid = c.oid and o.attname = 'org_id' and not o.attisdropped)
  order by 1, a.attnum`;

/** Columns from the rows that `catalogueQuery` answers. */
export function catalogueColumns(rows: readonly TextRow[]): CatalogueColumn[] {
  return rows.map(([table, name, type, keyPlace]) => ({
    table: String(table),
    name: String(name),
    type: String(type),
    keyPlace: keyPlace === null || keyPlace === undefined ? null : Number(keyPlace),
  }));
}

/** The column that every table of organizations has; an archive names its organization once, in its manifest. */
const organizationColumn = 'org_id';

/**
 * The tables of a store that are exported, in the order of the decisions.
 * @throws BulkheadError INTERNAL that names every table and column of which nothing, or what is not so, is decided
 */
export function exportedTables(store: TableStore, catalogue: readonly CatalogueColumn[]): ExportedTable[] {
  requireDecided(store, decisionFaults(store, catalogue));
  return Object.entries(tableDecisions[store]).flatMap(([name, decision]) => {
    if ('excluded' in decision) return [];
    const own = catalogue.filter(({ table }) => table === name);
    const columns = decision.columns.map((column) => own.find((each) => each.name === column) as CatalogueColumn);
    const key = own.filter(({ keyPlace }) => keyPlace !== null).sort((a, b) => Number(a.keyPlace) - Number(b.keyPlace));
    return [{ name, columns, key: key.map((column) => column.name) }];
  });
}

/**
 * Refuses to export where something is undecided.
 * @throws BulkheadError INTERNAL that names it
 */
export function requireDecided(store: TableStore, faults: readonly string[]): void {
  if (faults.length === 0) return;
  throw new BulkheadError('INTERNAL', `export/table-decisions.ts and the ${store} store differ: ${faults.join('; ')}`);
}

/** Where decisions and catalogue differ, in words. */
export function decisionFaults(
  store: TableStore,
  catalogue: readonly Pick<CatalogueColumn, 'table' | 'name'>[],
): string[] {
  const decisions = tableDecisions[store];
  const tables = new Set(catalogue.map(({ table }) => table));
  const undecided = [...tables]
    .filter((table) => decisions[table] === undefined)
    .map((table) => `${table} is undecided`);
  const missing = Object.keys(decisions)
    .filter((table) => !tables.has(table))
    .map((table) => `${table} is not there`);
  const columns = Object.entries(decisions).flatMap(([table, decision]) =>
    tables.has(table)
      ? columnFaults(
          table,
          decision,
          catalogue.filter((column) => column.table === table).map(({ name }) => name),
        )
      : [],
  );
  return [...undecided, ...missing, ...columns];
}

function columnFaults(table: string, decision: TableDecision, present: readonly string[]): string[] {
  if ('excluded' in decision) return [];
  const decided = [...decision.columns, ...Object.keys(decision.withheld)];
  const undecided = present.filter((name) => name !== organizationColumn && !decided.includes(name));
  const absent = decided.filter((name) => !present.includes(name));
  return [
    ...undecided.map((name) => `${table}.${name} is undecided`),
    ...absent.map((name) => `${table}.${name} is not there`),
  ];
}
