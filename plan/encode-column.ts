import type { PgColumn } from 'drizzle-orm/pg-core';
import type { ColumnField } from '../model/entity.js';
import { Template } from './template.js';
import { Unplannable } from './unplannable.js';

/** As `Date.toISOString()` writes it, to which DateTime serializes. */
const isoFormat = `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`;

/**
 * JSON text of a column, equal to what its scalar serializes to.
 * @param value SQL of the column
 */
export function encodeColumn(column: PgColumn, value: string, form: ColumnField['form']): Template {
  switch (form) {
    case 'isSet':
      return new Template().sql(`(${value} is not null)::text`);
    case 'upper':
      return new Template('"').sql(`upper(${value})`).text('"');
    case 'orZero':
      return new Template().sql(`coalesce(${value}, 0) + 0`);
    case 'orEmpty':
      return new Template().sql(`to_json(coalesce(${value}, ''))`);
    default:
      return column.notNull ? encodeValue(column, value) : orNull(column, value, encodeValue(column, value));
  }
}

function orNull(column: PgColumn, value: string, encoded: Template): Template {
  const type = column.getSQLType();
  if (type === 'text' || type === 'text[]') return new Template().sql(`coalesce(to_json(${value})::text, 'null')`);
  return new Template().sql(`case when ${value} is null then 'null' else ${encoded.toSql()} end`);
}

function encodeValue(column: PgColumn, value: string): Template {
  const type = column.getSQLType();
  switch (type) {
    case 'uuid':
      return new Template('"').sql(value).text('"');
    case 'text':
    case 'text[]':
      return new Template().sql(`to_json(${value})`);
    case 'timestamp with time zone':
      return new Template('"').sql(`to_char(${value} at time zone 'UTC', ${isoFormat})`).text('"');
    case 'boolean':
      return new Template().sql(`(${value})::text`);
    case 'integer':
    case 'jsonb':
      return new Template().sql(value);
    case 'double precision':
      // JSON has −0, JavaScript writes it as 0.
      return new Template().sql(`${value} + 0`);
    default:
      throw new Unplannable(`column type ${type}`);
  }
}
