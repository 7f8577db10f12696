import { type GraphQLSchema, getNamedType, isEnumType, type OperationDefinitionNode, typeFromAST } from 'graphql';
import { validate } from 'uuid';
import { definitionPrefixes, isDefinitionId } from '../domain/input/id.js';
import type { Variables } from './operation-scope.js';

/** A variable of an operation, and whether its values are those of an enum. */
interface VariableKind {
  readonly name: string;
  readonly isEnum: boolean;
}

const kinds = new WeakMap<OperationDefinitionNode, readonly VariableKind[]>();

/**
 * What of the variables decides the statement: numbers (page sizes), booleans (`@include`), values of enums, and which
 * values there are at all. Of texts only whether they are ids; they become parameters.
 */
export function variantOf(schema: GraphQLSchema, operation: OperationDefinitionNode, variables: Variables): string {
  let known = kinds.get(operation);
  if (known === undefined) {
    known = kindsOf(schema, operation);
    kinds.set(operation, known);
  }
  let variant = '';
  for (const { name, isEnum } of known) variant += `${shapeOf(variables[name], isEnum)},`;
  return variant;
}

function kindsOf(schema: GraphQLSchema, operation: OperationDefinitionNode): VariableKind[] {
  return (operation.variableDefinitions ?? []).map(({ variable, type: typeNode }) => {
    const type = typeFromAST(schema, typeNode as never);
    return { name: variable.name.value, isEnum: type !== undefined && isEnumType(getNamedType(type)) };
  });
}

function shapeOf(value: unknown, isEnum: boolean): string {
  if (value === null) return 'null';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return isEnum ? value : textShape(value);
  if (value instanceof Date) return 'date';
  if (Array.isArray(value)) return 'list';
  if (typeof value !== 'object') return typeof value;
  return `{${Object.entries(value)
    .map(([name, member]) => `${name}:${shapeOf(member, false)}`)
    .join(',')}}`;
}

/** Conditions for texts that are ids differ from those for other texts. */
function textShape(value: string): string {
  const text = value.trim();
  if (text === '') return 'empty';
  if (validate(text)) return 'uuid';
  return definitionPrefixes.find((prefix) => isDefinitionId(text, prefix)) ?? 'text';
}
