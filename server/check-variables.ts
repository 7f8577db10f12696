import { coerceInputValue, type GraphQLSchema, isInputType, type OperationDefinitionNode, typeFromAST } from 'graphql';
import { BulkheadError, type InputFault } from '../errors/bulkhead-error.js';
import { withoutValues } from './format-error.js';

/** Faults reported of one request at most. */
const maxFaults = 20;

/**
 * Checks variables against their types before graphql-js does, because its messages quote the refused values, and a
 * secret in the wrong place would come back in the error.
 * @throws BulkheadError BAD_USER_INPUT with the path of each fault, and no value
 */
export function checkVariables(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): void {
  const faults: InputFault[] = [];
  for (const { variable, type: typeNode } of operation.variableDefinitions ?? []) {
    const name = variable.name.value;
    const type = typeFromAST(schema, typeNode as never);
    if (!isInputType(type) || !Object.hasOwn(variables, name)) continue;
    coerceInputValue(variables[name], type, (path, _value, error) => {
      faults.push({ field: pathText(name, path), reason: safeReason(error.message) });
    });
  }
  const [first] = faults;
  if (first === undefined) return;
  throw new BulkheadError('BAD_USER_INPUT', `${first.field}: ${first.reason}`, {
    field: first.field,
    errors: faults.slice(0, maxFaults),
  });
}

function pathText(name: string, path: readonly (string | number)[]): string {
  return path.reduce<string>((text, key) => text + (typeof key === 'number' ? `[${key}]` : `.${key}`), name);
}

/** Keeps reasons that are known to name only parts of the schema. */
function safeReason(message: string): string {
  const patterns = [
    /^Field "\w+" of required type "[\w![\]]+" was not provided/,
    /^Field "\w{1,100}" is not defined by type "\w+"/,
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
