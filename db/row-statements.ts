import { getTableColumns, type InferSelectModel } from 'drizzle-orm';
import { getTableConfig, type PgColumn, type PgTable } from 'drizzle-orm/pg-core';
import type { BoundValue } from './lane-turn.js';
import type { OrgTransaction } from './with-org.js';

/** A row of a table, by the names of its fields. */
export type RowOf<Table extends PgTable> = InferSelectModel<Table>;

/** Values of some fields of a row; one that is undefined is not there. */
export type SomeOf<Table extends PgTable> = {
  readonly [Field in keyof RowOf<Table>]?: RowOf<Table>[Field] | undefined;
};

/** What a text is made of for one table. */
interface Layout {
  /** Its name with that of its schema. */
  readonly name: string;
  readonly fields: readonly (readonly [name: string, column: PgColumn])[];
  readonly columnOf: ReadonlyMap<string, PgColumn>;
}

const layouts = new WeakMap<PgTable, Layout>();

/**
 * Locks the rows with these values against changes of anything but keys that refer to them, until the transaction ends.
 * The text is put together from names alone, without the query builder, which costs as much as the statement.
 */
export async function lockRows<Table extends PgTable>(
  tx: OrgTransaction,
  table: Table,
  where: SomeOf<Table>,
): Promise<RowOf<Table>[]> {
  const layout = layoutOf(table);
  const params: BoundValue[] = [];
  const condition = equal(bind(layout, where, params)).join(' and ');
  const rows = await tx.send(
    `select ${columns(layout)} from ${layout.name} where ${condition} for no key update`,
    params,
  );
  return rows.map((values) => rowFrom(layout, values, 0));
}

/** Changes the rows with these values, which are locked, and answers them as they are. It is sent when this is called. */
export async function updateRows<Table extends PgTable>(
  tx: OrgTransaction,
  table: Table,
  where: SomeOf<Table>,
  set: SomeOf<Table>,
): Promise<RowOf<Table>[]> {
  const layout = layoutOf(table);
  const params: BoundValue[] = [];
  const assignments = equal(bind(layout, set, params)).join(', ');
  const condition = equal(bind(layout, where, params)).join(' and ');
  const rows = await tx.send(
    `update ${layout.name} set ${assignments} where ${condition} returning ${columns(layout)}`,
    params,
  );
  return rows.map((values) => rowFrom(layout, values, 0));
}

/**
 * Locks the rows with these values, the key of the table among them, changes them, and answers each as it was and as it
 * is: one statement, which is sent when this is called. What was there before is the very row that is replaced: of two
 * changes at once, the second waits for the first and has its row. (`returning old` would do that alone, from
 * PostgreSQL 18 on.)
 */
export async function replaceRows<Table extends PgTable>(
  tx: OrgTransaction,
  table: Table,
  where: SomeOf<Table>,
  set: SomeOf<Table>,
): Promise<{ readonly before: RowOf<Table>; readonly after: RowOf<Table> }[]> {
  const layout = layoutOf(table);
  const params: BoundValue[] = [];
  const assignments = equal(bind(layout, set, params)).join(', ');
  const key = bind(layout, where, params);
  const same = key.map(({ name }) => `after.${name} = before.${name}`);
  const rows = await tx.send(
    `update ${layout.name} as after set ${assignments}
     from (select ${columns(layout)} from ${layout.name} where ${equal(key).join(' and ')} for no key update) as before
     where ${same.join(' and ')}
     returning ${columns(layout, 'before.')}, ${columns(layout, 'after.')}`,
    params,
  );
  return rows.map((values) => ({
    before: rowFrom<Table>(layout, values, 0),
    after: rowFrom<Table>(layout, values, layout.fields.length),
  }));
}

function layoutOf(table: PgTable): Layout {
  let layout = layouts.get(table);
  if (layout === undefined) {
    const { schema, name } = getTableConfig(table);
    const fields = Object.entries<PgColumn>(getTableColumns(table));
    layout = { name: `${schema}.${name}`, fields, columnOf: new Map(fields) };
    layouts.set(table, layout);
  }
  return layout;
}

function columns({ fields }: Layout, prefix = ''): string {
  return fields.map(([, { name }]) => prefix + name).join(', ');
}

/** A column and the number of the parameter that holds its value. */
interface BoundColumn {
  readonly name: string;
  readonly parameter: number;
}

/** Adds each value to the parameters. */
function bind({ columnOf, name: table }: Layout, values: object, params: BoundValue[]): BoundColumn[] {
  const bound: BoundColumn[] = [];
  for (const [field, value] of Object.entries(values)) {
    if (value === undefined) continue;
    const column = columnOf.get(field);
    if (column === undefined) throw new Error(`${table} has no field ${field}`);
    params.push(value === null ? null : (column.mapToDriverValue(value) as BoundValue));
    bound.push({ name: column.name, parameter: params.length });
  }
  return bound;
}

function equal(bound: readonly BoundColumn[]): string[] {
  return bound.map(({ name, parameter }) => `${name} = $${parameter}`);
}

function rowFrom<Table extends PgTable>({ fields }: Layout, values: readonly unknown[], start: number): RowOf<Table> {
  const row: Record<string, unknown> = {};
  fields.forEach(([field, column], index) => {
    const value = values[start + index] ?? null;
    row[field] = value === null ? null : column.mapFromDriverValue(value);
  });
  return row as RowOf<Table>;
}
