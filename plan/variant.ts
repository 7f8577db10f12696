import { type GraphQLSchema, getNamedType, isEnumType, type OperationDefinitionNode, typeFromAST } from 'graphql';
import type { Variables } from './operation-scope.js';

/**
 * What of the variables decides the statement: numbers (page sizes), booleans (`@include`), values of enums, and which
 * values there are at all. Texts do not; they become parameters.
 */
export function variantOf(schema: GraphQLSchema, operation: OperationDefinitionNode, variables: Variables): string {
  const definitions = operation.variableDefinitions;
  if (definitions === undefined || definitions.length === 0) return '';
  return definitions
    .map(({ variable, type: typeNode }) => {
      const type = typeFromAST(schema, typeNode as never);
      const isEnum = type !== undefined && isEnumType(getNamedType(type));
      return shapeOf(variables[variable.name.value], isEnum);
    })
    .join(',');
}

function shapeOf(value: unknown, isEnum: boolean): string {
  if (value === null) return 'null';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return isEnum ? value : value === '' ? 'empty' : 'text';
  if (value instanceof Date) return 'date';
  if (Array.isArray(value)) return 'list';
  if (typeof value !== 'object') return typeof value;
  return `{${Object.entries(value)
    .map(([name, member]) => `${name}:${shapeOf(member, false)}`)
    .join(',')}}`;
}
