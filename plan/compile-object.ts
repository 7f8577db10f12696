import { getTableColumns } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import {
  type GraphQLObjectType,
  getNullableType,
  isLeafType,
  isListType,
  isNonNullType,
  type SelectionSetNode,
} from 'graphql';
import type { Entity } from '../model/entity.js';
import { type Compilation, type CompiledRow, entityOf, objectTypesOf } from './compilation.js';
import { compileJson } from './compile-json.js';
import { compileList } from './compile-list.js';
import { compileIds, compileLinked, compileMany, compileOne } from './compile-relation.js';
import { compileTelemetry, isTelemetry } from './compile-telemetry.js';
import { encodeColumn } from './encode-column.js';
import type { SelectedField } from './operation-scope.js';
import { sqlText, Template } from './template.js';
import { Unplannable } from './unplannable.js';

/** JSON of what is selected of the rows of a type. */
export function compileObject(
  compilation: Compilation,
  typeName: string,
  compiled: CompiledRow,
  selectionSets: readonly SelectionSetNode[],
): Template {
  const types = objectTypesOf(compilation, typeName);
  const [first] = types;
  if (first === undefined) throw new Unplannable(typeName);
  if (types.length === 1) return compileConcrete(compilation, first, compiled, selectionSets);
  const templates = types.map((type) => compileConcrete(compilation, type, compiled, selectionSets));
  const [one, ...others] = templates;
  // Mostly the same is selected of all of them.
  if (one !== undefined && others.every((other) => other.toSql() === one.toSql())) return one;
  const cases = types.map((type, index) => {
    const { where } = entityOf(type.name);
    if (where === undefined) throw new Unplannable(`${type.name} is not told apart`);
    const template = templates[index] ?? new Template();
    return `when ${compiled.row.column(where.column)} = ${sqlText(where.value)} then ${template.toSql()}`;
  });
  return new Template().sql(`case ${cases.join(' ')} end`);
}

function compileConcrete(
  compilation: Compilation,
  type: GraphQLObjectType,
  compiled: CompiledRow,
  selectionSets: readonly SelectionSetNode[],
): Template {
  const entity = entityOf(type.name);
  const template = new Template('{');
  compilation.scope.fieldsOf(type, selectionSets).forEach((field, index) => {
    template.text(`${index === 0 ? '' : ','}"${field.key}":`);
    template.append(compileField(compilation, entity, type.name, compiled, field));
  });
  return template.text('}');
}

function compileField(
  compilation: Compilation,
  entity: Entity,
  typeName: string,
  compiled: CompiledRow,
  field: SelectedField,
): Template {
  if (field.name === '__typename') return new Template(`"${typeName}"`);
  if (compilation.isDenied(typeName, field.name)) return denied(compilation, typeName, field);
  if (isTelemetry(typeName, field.name)) return compileTelemetry(compilation, typeName, entity, compiled, field);
  const known = entity.fields[field.name];
  switch (known?.kind) {
    case 'column':
      return encodeColumn(known.column, compiled.row.column(known.column), known.form);
    case 'json':
      return compileJson(
        compilation.scope,
        field.definition.type,
        compiled.row.column(known.column),
        field.selectionSets,
      );
    case 'one':
      return compileOne(compilation, known, compiled, field);
    case 'ids':
      return compileIds(compilation, entity, known, compiled);
    case 'linked':
      return compileLinked(compilation, entity, known, compiled, field);
    case 'many':
      return compileMany(compilation, entity, known, compiled, field);
    case 'list':
      return compileList(compilation, entity, known, compiled, field);
    default:
      return compileColumn(entity, typeName, compiled, field);
  }
}

/** A field that is the column of its name. */
function compileColumn(entity: Entity, typeName: string, compiled: CompiledRow, field: SelectedField): Template {
  const column = (getTableColumns(entity.table) as Record<string, PgColumn>)[field.name];
  const type = getNullableType(field.definition.type);
  const item = isListType(type) ? getNullableType(type.ofType) : type;
  if (column === undefined || !isLeafType(item)) throw new Unplannable(`${typeName}.${field.name}`);
  if (isNonNullType(field.definition.type) && !column.notNull) throw new Unplannable(`${typeName}.${field.name}`);
  return encodeColumn(column, compiled.row.column(column), undefined);
}

/** Null and the error that shield gives for a field that no scope of the caller allows. */
function denied({ statement }: Compilation, typeName: string, field: SelectedField): Template {
  const name = `${typeName}.${field.name}`;
  if (isNonNullType(field.definition.type)) throw new Unplannable(`${name} denied`);
  return new Template(
    statement.error({ code: 'FORBIDDEN', message: `The key has no scope for ${name}`, nodes: field.nodes }),
  );
}
