import { getTableColumns } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { listBelow } from '../domain/list-below.js';
import { readPage } from '../domain/read-page.js';
import type { ColumnField, Entity, Field, LinkedField } from '../model/entity.js';
import { entities } from '../model/model.js';
import { loadRelated } from './load-related.js';
import type { RequestContext } from './request-context.js';

/** A row as drizzle gives it. */
type Row = Readonly<Record<string, unknown>>;
type FieldResolver = (row: Row, args: Readonly<Record<string, unknown>>, context: RequestContext) => unknown;

/**
 * Resolvers of the fields of a type as the model of tables and relations has them: the same model that planned reads
 * are made from.
 */
// biome-ignore lint/suspicious/noExplicitAny: the types of rows are those that the mappers of the code generator name
export function fieldsOf(type: string): any {
  const entity = entityOf(type);
  return Object.fromEntries(Object.entries(entity.fields).map(([name, field]) => [name, resolverOf(entity, field)]));
}

function resolverOf(entity: Entity, field: Field): FieldResolver {
  const id = reader(entity, entity.id) as (row: Row) => string;
  switch (field.kind) {
    case 'column':
      return formed(field, reader(entity, field.column));
    case 'json':
      return reader(entity, field.column);
    case 'one': {
      const key = reader(entity, field.key) as (row: Row) => string | null;
      const related = entityOf(field.type);
      return (row, _args, { loaders }) => {
        const relatedId = key(row);
        return relatedId === null ? null : loadRelated(loaders.rowOf(related), relatedId, field.noun);
      };
    }
    case 'ids':
      return (row, _args, { loaders }) => loaders.idsOf(field).load(id(row));
    case 'linked':
      return linked(field, entity, id);
    case 'many':
      return (row, _args, { loaders }) => loaders.rowsOf(entityOf(field.type), field.owner).load(id(row));
    case 'list':
      return (row, args, { operational, identity }) =>
        readPage(operational, identity, listBelow(field.list(args), field.owner, id(row)), {
          first: args['first'] as number,
          after: args['after'] as string | null | undefined,
        });
  }
}

function linked(field: LinkedField, entity: Entity, id: (row: Row) => string): FieldResolver {
  const related = entityOf(field.type);
  const { ids } = field;
  const idsOf =
    'kind' in ids
      ? (row: Row, { loaders }: RequestContext) => loaders.idsOf(ids).load(id(row))
      : (row: Row) => reader(entity, ids)(row) as readonly string[];
  return async (row, _args, context) => {
    const loader = context.loaders.rowOf(related);
    return Promise.all((await idsOf(row, context)).map(async (each) => (await loader.load(each)) ?? null));
  };
}

function formed({ form }: ColumnField, read: (row: Row) => unknown): (row: Row) => unknown {
  switch (form) {
    case 'upper':
      return (row) => String(read(row)).toUpperCase();
    case 'isSet':
      return (row) => read(row) !== null;
    case 'orZero':
      return (row) => read(row) ?? 0;
    case 'orEmpty':
      return (row) => read(row) ?? '';
    default:
      return read;
  }
}

/** Reads a column from a row, which has it under the name that the table gives it. */
function reader(entity: Entity, column: PgColumn): (row: Row) => unknown {
  const [name] = Object.entries(getTableColumns(entity.table)).find(([, each]) => each === column) ?? [];
  if (name === undefined) throw new Error(`${column.name} is no column of its table`);
  return (row) => row[name];
}

function entityOf(type: string): Entity {
  const entity = entities[type];
  if (entity === undefined) throw new Error(`${type} is not in the model`);
  return entity;
}
