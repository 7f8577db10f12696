import {
  coerceInputValue,
  type GraphQLInputType,
  type GraphQLSchema,
  getVariableValues,
  isNonNullType,
  type NamedTypeNode,
  type OperationDefinitionNode,
  type TypeNode,
  typeFromAST,
  valueFromAST,
} from 'graphql';
import { BulkheadError, type InputFault } from '../errors/bulkhead-error.js';
import { coerceInput, misfit } from './coerce-input.js';
import { withoutValues } from './without-values.js';

/** Faults reported of one request at most; looking for more would cost what a hostile request likes. */
const maxFaults = 20;

/**
 * Checks variables against their types before graphql-js does, because its messages quote the refused values, and a
 * secret in the wrong place would come back in the error.
 * @returns the variables as the operation will see them, with defaults
 * @throws BulkheadError BAD_USER_INPUT with the path of each fault, and no value
 */
export function checkVariables(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const fitting = coerceAll(schema, operation, variables);
  if (fitting !== undefined) return fitting;
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variables, { maxErrors: 1 });
  if (coerced !== undefined) return coerced;
  const faults = findFaults(schema, operation, variables);
  const [first] = faults;
  if (first === undefined) throw new BulkheadError('BAD_USER_INPUT', 'A variable has an invalid value');
  throw new BulkheadError('BAD_USER_INPUT', `${first.field}: ${first.reason}`, { field: first.field, errors: faults });
}

/** The variables if each of them fits; where one does not, graphql-js decides. */
function coerceAll(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): Record<string, unknown> | undefined {
  // A variable may be called `__proto__`.
  const coerced: Record<string, unknown> = Object.create(null);
  for (const { variable, type: typeNode, defaultValue } of operation.variableDefinitions ?? []) {
    const name = variable.name.value;
    const type = inputType(schema, typeNode);
    if (Object.hasOwn(variables, name)) {
      const value = coerceInput(variables[name], type);
      if (value === misfit) return undefined;
      coerced[name] = value;
    } else if (defaultValue !== undefined) coerced[name] = valueFromAST(defaultValue, type);
    else if (isNonNullType(type)) return undefined;
  }
  return coerced;
}

/** The type of a variable, which in a valid document is one of inputs. */
function inputType(schema: GraphQLSchema, node: TypeNode): GraphQLInputType {
  return typeFromAST(schema, node as NamedTypeNode) as GraphQLInputType;
}

function findFaults(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): InputFault[] {
  const faults: InputFault[] = [];
  const enough = new Error('enough faults');
  try {
    for (const { variable, type: typeNode, defaultValue } of operation.variableDefinitions ?? []) {
      const name = variable.name.value;
      const type = inputType(schema, typeNode);
      if (!Object.hasOwn(variables, name)) {
        if (isNonNullType(type) && defaultValue === undefined) faults.push({ field: name, reason: 'must be given' });
        continue;
      }
      coerceInputValue(variables[name], type, (path, _value, error) => {
        faults.push({ field: pathText(name, path), reason: safeReason(error.message) });
        if (faults.length >= maxFaults) throw enough;
      });
    }
  } catch (error) {
    if (error !== enough) throw error;
  }
  return faults;
}

function pathText(name: string, path: readonly (string | number)[]): string {
  return path.reduce<string>((text, key) => text + (typeof key === 'number' ? `[${key}]` : `.${key}`), name);
}

/** Keeps reasons that are known to name only parts of the schema. */
function safeReason(message: string): string {
  const patterns = [
    /^Field "\w+" of required type "[\w![\]]+" was not provided/,
    /^Field "[A-Za-z]{1,60}" is not defined by type "\w+"/,
    /^Expected non-nullable type "[\w![\]]+" not to be null/,
    /^Expected type "[\w![\]]+"/,
  ];
  for (const pattern of patterns) {
    const match = pattern.exec(message);
    if (match !== null) return match[0];
  }
  const reason = withoutValues(message);
  return /^\w+ (cannot|must) [\w -]+$/.test(reason) ? reason : 'is not a valid value of its type';
}
