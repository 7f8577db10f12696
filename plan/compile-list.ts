import { getArgumentValues } from 'graphql';
import type { Entity, ListField, ListRoot } from '../model/entity.js';
import { type Compilation, type CompiledRow, entityOf, objectTypeOf } from './compilation.js';
import { tableSql } from './compile-relation.js';
import { holeEnd, holeStart } from './hole.js';
import { ListBinder, type ListBinderParts } from './list-binder.js';
import type { SelectedField } from './operation-scope.js';
import { columnSql, Row } from './row.js';
import { sqlText, Template } from './template.js';
import { Unplannable } from './unplannable.js';

/** A page of a list at the root of the operation. */
export function compileRootList(compilation: Compilation, root: ListRoot, field: SelectedField): Template {
  const entity = entityOf(root.type);
  const page = new PageCompiler(compilation, entity, field, { argumentsOf: argumentsOf(field), list: root.list });
  const parts = page.compile();
  if (page.aggregates.length === 0) return parts;
  const aggregates = page.aggregates.map((aggregate, index) => `${aggregate} as c${index}`).join(', ');
  return new Template().sql(`(select ${parts.toSql()} from (select ${aggregates} from ${page.source()}) ${page.name})`);
}

/** A page of the rows that name each of the rows. */
export function compileList(
  compilation: Compilation,
  entity: Entity,
  field: ListField,
  { row, knownId }: CompiledRow,
  selected: SelectedField,
): Template {
  const related = entityOf(field.type);
  const page = new PageCompiler(compilation, related, selected, {
    argumentsOf: argumentsOf(selected),
    list: field.list,
    owner: field.owner,
    ownerId: knownId,
  });
  const parts = page.compile(row.column(entity.id), row.values(entity.id));
  if (page.aggregates.length === 0) return parts;
  const aggregates = page.aggregates.map((aggregate, index) => `${aggregate} as c${index}`).join(', ');
  compilation.statement.table(
    page.name,
    `select ${page.ownerSql} as owner, ${aggregates} from ${page.source()} group by 1`,
  );
  row.join(`left join ${page.name} on ${page.name}.owner = ${row.column(entity.id)}`);
  return parts;
}

/** The values of the arguments of a field; without variables they are read once. */
function argumentsOf({ definition, nodes }: SelectedField): ListBinderParts['argumentsOf'] {
  const [node] = nodes;
  const isConstant = !JSON.stringify(node.arguments ?? []).includes('"Variable"');
  if (!isConstant) return (variables) => getArgumentValues(definition, node, variables);
  const values = getArgumentValues(definition, node);
  return () => values;
}

/** Compiles one connection: its rows, what is aggregated of them, and the object around. */
class PageCompiler {
  /** Name of the aggregated table. */
  readonly name: string;
  /** SQL of what is aggregated of the rows, column `c<index>` of that table. */
  readonly aggregates: string[] = [];
  readonly #compilation: Compilation;
  readonly #entity: Entity;
  readonly #field: SelectedField;
  readonly #binder: ListBinder;
  readonly #number: number;
  readonly #row: Row;
  readonly #hasNext: boolean;
  #owner = "''";
  #owners: string | undefined;
  readonly #ownerColumn: Entity['id'] | undefined;

  constructor(compilation: Compilation, entity: Entity, field: SelectedField, parts: ListBinderParts) {
    const { statement, scope } = compilation;
    this.#compilation = compilation;
    this.#entity = entity;
    this.#field = field;
    this.#binder = new ListBinder(parts, scope.variables, compilation.identity);
    if (this.#binder.hasAfter && parts.owner !== undefined && parts.ownerId === undefined) {
      throw new Unplannable('cursor below a list');
    }
    this.#number = statement.lists.push(this.#binder) - 1;
    this.#row = new Row(statement.name('rows'));
    this.name = statement.name('page');
    this.#ownerColumn = parts.owner;
    this.#hasNext = this.#asksForNext();
  }

  /**
   * The object of the connection.
   * @param owner SQL of the owner's id, where the list belongs to the rows of another table
   * @param owners query for the ids of all owners
   */
  compile(owner?: string, owners?: string): Template {
    if (owner !== undefined) this.#owner = owner;
    this.#owners = owners;
    return this.#object(objectTypeOf(this.#field), this.#field, (field) => {
      switch (field.name) {
        case 'nodes':
          return this.#items(this.#node(field));
        case 'edges':
          return this.#items(this.#edge(field));
        case 'pageInfo':
          return this.#object(objectTypeOf(field), field, (info) => this.#pageInfo(info));
        case 'totalCount':
          return new Template().sql(`(select count(*) from ${this.#from()})`);
        default:
          throw new Unplannable(`page ${field.name}`);
      }
    });
  }

  /** The rows of the page; with their owners, if they have any. */
  source(): string {
    const { statement } = this.#compilation;
    const id = columnSql(this.#entity.id);
    const number = this.#hasNext ? `, row_number() over (order by ${id}) as number` : '';
    const after = this.#binder.hasAfter ? ` and ${id} > ${this.#afterParameter()}` : '';
    const limit = this.#binder.first + (this.#hasNext ? 1 : 0);
    const rows = `select ${this.#row.columns}${number} from ${this.#from('owners.id')}${after} order by ${id} limit ${limit}`;
    const query =
      this.#owners === undefined
        ? rows
        : `select owners.id as owner, page.* from (${this.#owners}) owners (id) cross join lateral (${rows}) page`;
    return statement.source(this.#row, query);
  }

  /** SQL of the id of the owner that a row of the page belongs to. */
  get ownerSql(): string {
    return `${this.#row.alias}.owner`;
  }

  #afterParameter(): string {
    return this.#compilation.statement.parameter(({ lists }) => lists[this.#number]?.after ?? null);
  }

  /** Table and conditions of the whole list. */
  #from(owner = this.#owner): string {
    const { table } = this.#entity;
    const conditions = [`${columnSql(table.orgId)} = $1::uuid`];
    if (this.#ownerColumn !== undefined) conditions.push(`${columnSql(this.#ownerColumn)} = ${owner}`);
    const { statement } = this.#compilation;
    if (this.#binder.conditions !== '') {
      const names = Array.from({ length: this.#binder.parameterCount }, (_, index) =>
        statement.parameter(({ lists }) => (lists[this.#number]?.parameters[index] ?? null) as string | number | null),
      );
      // What drizzle writes quotes identifiers and has no literals, so that each `$1` is a parameter.
      conditions.push(this.#binder.conditions.replace(/\$(\d+)/g, (_, number) => names[Number(number) - 1] ?? 'null'));
    }
    return `${tableSql(this.#entity)} where ${conditions.join(' and ')}`;
  }

  #asksForNext(): boolean {
    const { scope } = this.#compilation;
    return scope
      .fieldsOf(objectTypeOf(this.#field), this.#field.selectionSets)
      .filter(({ name }) => name === 'pageInfo')
      .some((info) =>
        scope.fieldsOf(objectTypeOf(info), info.selectionSets).some(({ name }) => name === 'hasNextPage'),
      );
  }

  #object(type: ReturnType<typeof objectTypeOf>, field: SelectedField, compile: (field: SelectedField) => Template) {
    const template = new Template('{');
    this.#compilation.scope.fieldsOf(type, field.selectionSets).forEach((part, index) => {
      template.text(`${index === 0 ? '' : ','}"${part.key}":`);
      template.append(part.name === '__typename' ? new Template(`"${type.name}"`) : compile(part));
    });
    return template.text('}');
  }

  #node(field: SelectedField): Template {
    return this.#compilation.object(objectTypeOf(field).name, { row: this.#row, isSingle: false }, field.selectionSets);
  }

  #edge(field: SelectedField): Template {
    return this.#object(objectTypeOf(field), field, (part) => {
      if (part.name === 'node') return this.#node(part);
      if (part.name === 'cursor') return this.#cursor(this.#row.column(this.#entity.id));
      throw new Unplannable(`edge ${part.name}`);
    });
  }

  #pageInfo(field: SelectedField): Template {
    if (field.name === 'hasNextPage') return this.#aggregate(`(count(*) > ${this.#binder.first})::text`, 'false');
    if (field.name !== 'endCursor') throw new Unplannable(`page info ${field.name}`);
    const id = this.#row.column(this.#entity.id);
    const last = `(array_agg(${id} order by ${id} desc)${this.#ofPage()})[1]`;
    return this.#aggregate(`case when ${last} is null then 'null' else ${this.#cursor(last).toSql()} end`, 'null');
  }

  #cursor(id: string): Template {
    const owner = this.#ownerColumn === undefined ? "''" : this.ownerSql;
    return new Template(`${holeStart}C${this.#number}:`).sql(owner).text(':').sql(id).text(holeEnd);
  }

  /** The entries of the page as a JSON list. */
  #items(item: Template): Template {
    const order = this.#row.column(this.#entity.id);
    const list = `string_agg(${item.toSql()}, ',' order by ${order})${this.#ofPage()}`;
    return new Template('[').append(this.#aggregate(list, '')).text(']');
  }

  /** Leaves out the row that only tells that there are more. */
  #ofPage(): string {
    return this.#hasNext ? ` filter (where ${this.#row.alias}.number <= ${this.#binder.first})` : '';
  }

  #aggregate(sql: string, whenEmpty: string): Template {
    const column = `${this.name}.c${this.aggregates.push(sql) - 1}`;
    return new Template().sql(whenEmpty === '' ? column : `coalesce(${column}, ${sqlText(whenEmpty)})`);
  }
}
