import {
  type GraphQLOutputType,
  getNullableType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type SelectionSetNode,
} from 'graphql';
import type { OperationScope } from './operation-scope.js';
import { sqlText, Template } from './template.js';
import { Unplannable } from './unplannable.js';

/**
 * JSON of what is selected of a JSON value that has the form of a type of the schema.
 * @param value SQL of type jsonb
 */
export function compileJson(
  scope: OperationScope,
  type: GraphQLOutputType,
  value: string,
  selectionSets: readonly SelectionSetNode[],
): Template {
  const isNullable = !isNonNullType(type);
  const compiled = compileNonNull(scope, getNullableType(type) as GraphQLOutputType, value, selectionSets);
  if (!isNullable) return compiled;
  return new Template().sql(`case when ${value} is null or ${value} = 'null' then 'null' else ${compiled.toSql()} end`);
}

function compileNonNull(
  scope: OperationScope,
  type: GraphQLOutputType,
  value: string,
  selectionSets: readonly SelectionSetNode[],
): Template {
  if (isLeafType(type)) return new Template().sql(`(${value})::text`);
  if (isListType(type)) {
    const entry = getNullableType(type.ofType);
    if (isLeafType(entry)) return new Template().sql(`(${value})::text`);
    const item = compileJson(scope, type.ofType, 'entry.value', selectionSets);
    return new Template('[')
      .sql(
        `(select string_agg(${item.toSql()}, ',' order by entry.ordinal)
          from jsonb_array_elements(${value}) with ordinality entry (value, ordinal))`,
      )
      .text(']');
  }
  if (!isObjectType(type)) throw new Unplannable(String(type));
  const template = new Template('{');
  scope.fieldsOf(type, selectionSets).forEach((field, index) => {
    template.text(`${index === 0 ? '' : ','}"${field.key}":`);
    if (field.name === '__typename') template.text(`"${type.name}"`);
    else {
      const member = `(${value} -> ${sqlText(field.name)})`;
      template.append(compileJson(scope, field.definition.type, member, field.selectionSets));
    }
  });
  return template.text('}');
}
