import { isNonNullType } from 'graphql';
import type { Entity, IdsField, LinkedField, ManyField, OneField } from '../model/entity.js';
import { type Compilation, type CompiledRow, entityOf } from './compilation.js';
import { hole } from './hole.js';
import type { SelectedField } from './operation-scope.js';
import { columnSql, Row } from './row.js';
import { sqlText, Template } from './template.js';

/** The row that a column names: each distinct one is read and written once, however many rows name it. */
export function compileOne(
  compilation: Compilation,
  field: OneField,
  compiled: CompiledRow,
  selected: SelectedField,
): Template {
  const { statement } = compilation;
  const key = compiled.row.column(field.key);
  const name = compileByIds(compilation, field.type, compiled.row.values(field.key), compiled.isSingle, selected);
  compiled.row.join(`left join ${name} on ${name}.id = ${key}`);
  const missing = isNonNullType(selected.definition.type)
    ? hole('X')
    : statement.error({
        code: 'FORBIDDEN',
        message: `The key may not read this ${field.noun}`,
        nodes: selected.nodes,
      });
  const value = `coalesce(${name}.json, ${sqlText(missing)})`;
  if (field.key.notNull) return new Template().sql(value);
  return new Template().sql(`case when ${key} is null then 'null' else ${value} end`);
}

/** Ids that a linking table has for the rows. */
export function compileIds(
  { statement }: Compilation,
  entity: Entity,
  field: IdsField,
  { row }: CompiledRow,
): Template {
  const name = statement.name('ids');
  const owner = columnSql(field.owner);
  statement.table(
    name,
    `select ${owner} as owner, string_agg('"' || ${columnSql(field.value)} || '"', ',' order by ${columnSql(field.order)}) as json
     from ${tableSql(field)} where ${columnSql(field.table.orgId)} = $1::uuid and ${owner} = ${anyOf(row.values(entity.id))}
     group by 1`,
  );
  row.join(`left join ${name} on ${name}.owner = ${row.column(entity.id)}`);
  return new Template('[').sql(`${name}.json`).text(']');
}

/** The rows that a list of ids names, in its order; null for one that is not visible. */
export function compileLinked(
  compilation: Compilation,
  entity: Entity,
  field: LinkedField,
  { row, isSingle }: CompiledRow,
  selected: SelectedField,
): Template {
  const { statement } = compilation;
  const links = statement.name('links');
  statement.table(links, linksOf(entity, field, row));
  const name = compileByIds(compilation, field.type, `select ${links}.value from ${links}`, isSingle, selected);
  const lists = statement.name('list');
  statement.table(
    lists,
    `select ${links}.owner, string_agg(coalesce(${name}.json, 'null'), ',' order by ${links}.ordinal) as json
     from ${links} left join ${name} on ${name}.id = ${links}.value group by 1`,
  );
  row.join(`left join ${lists} on ${lists}.owner = ${row.column(entity.id)}`);
  return new Template('[').sql(`${lists}.json`).text(']');
}

function linksOf(entity: Entity, { ids }: LinkedField, row: Row): string {
  if ('kind' in ids) {
    const owner = columnSql(ids.owner);
    return `select ${owner} as owner, ${columnSql(ids.value)} as value, ${columnSql(ids.order)} as ordinal
      from ${tableSql(ids)} where ${columnSql(ids.table.orgId)} = $1::uuid and ${owner} = ${anyOf(row.values(entity.id))}`;
  }
  row.values(entity.id);
  return `select ${row.column(entity.id)} as owner, item.value, item.ordinal
    from ${row.alias} cross join lateral unnest(${row.column(ids)}) with ordinality item (value, ordinal)`;
}

/** All rows of another table that name the rows. */
export function compileMany(
  compilation: Compilation,
  entity: Entity,
  field: ManyField,
  { row }: CompiledRow,
  selected: SelectedField,
): Template {
  const { statement } = compilation;
  const related = entityOf(field.type);
  const inner = new Row(statement.name('rows'));
  const json = compilation.object(field.type, { row: inner, isSingle: false }, selected.selectionSets);
  const owner = inner.column(field.owner);
  const order = inner.column(related.id);
  const query = `select ${inner.columns} from ${tableSql(related)}
    where ${columnSql(related.table.orgId)} = $1::uuid and ${columnSql(field.owner)} = ${anyOf(row.values(entity.id))}`;
  const lists = statement.name('list');
  const source = statement.source(inner, query);
  statement.table(
    lists,
    `select ${owner} as owner, string_agg(${json.toSql()}, ',' order by ${order}) as json from ${source} group by 1`,
  );
  row.join(`left join ${lists} on ${lists}.owner = ${row.column(entity.id)}`);
  return new Template('[').sql(`${lists}.json`).text(']');
}

/**
 * A table of the JSON of rows by id.
 * @param ids query for the ids
 * @returns its name; its columns are `id` and `json`
 */
export function compileByIds(
  compilation: Compilation,
  type: string,
  ids: string,
  isSingle: boolean,
  selected: SelectedField,
): string {
  const { statement } = compilation;
  const entity = entityOf(type);
  const row = new Row(statement.name('rows'));
  const json = compilation.object(type, { row, isSingle }, selected.selectionSets);
  const id = row.column(entity.id);
  const query = `select ${row.columns} from ${tableSql(entity)}
    where ${columnSql(entity.table.orgId)} = $1::uuid and ${columnSql(entity.id)} = ${anyOf(ids)}`;
  const name = statement.name('by_id');
  const source = statement.source(row, query);
  statement.table(name, `select ${id} as id, ${json.toSql()} as json from ${source}`);
  return name;
}

/** The ids of a query as an array: one look into the index serves all of them, in its order, each distinct one once. */
export function anyOf(ids: string): string {
  return `any (array(${ids}))`;
}

/** The name of a table in SQL. */
export function tableSql({ table }: { readonly table: Entity['table'] }): string {
  const symbols = table as unknown as Record<symbol, string | undefined>;
  const schema = symbols[Symbol.for('drizzle:Schema')];
  return `"${schema}"."${symbols[Symbol.for('drizzle:Name')]}"`;
}
