import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { type OperationCost, operationCost } from './operation-cost.js';

/** Costs of one operation that are remembered: the page sizes and conditions of ordinary clients are few. */
const maxRemembered = 100;

/** What is remembered goes with the document, which Apollo keeps parsed while it is in use. */
const costs = new WeakMap<OperationDefinitionNode, Map<string, OperationCost>>();

/**
 * What `operationCost` gives and throws, computed once for each operation and all of its variables that make a
 * difference. A refusal is not remembered: whoever is refused again pays again.
 * @param operation of a document that is parsed once and used with one schema
 */
export function rememberedCost(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): OperationCost {
  let known = costs.get(operation);
  if (known === undefined) {
    known = new Map();
    costs.set(operation, known);
  }
  const key = decidingPart(operation, variables);
  let cost = known.get(key);
  if (cost === undefined) {
    cost = operationCost(schema, document, operation, variables);
    if (known.size >= maxRemembered) known.clear();
    known.set(key, cost);
  }
  return cost;
}

/**
 * What the cost sees of the variables: page sizes and conditions, which are numbers and booleans; of all others, whether
 * they are absent or null, which an argument may not allow.
 */
function decidingPart(operation: OperationDefinitionNode, variables: Readonly<Record<string, unknown>>): string {
  let key = '';
  for (const { variable } of operation.variableDefinitions ?? []) {
    const value = variables[variable.name.value];
    const isSeen = value === undefined || value === null || typeof value === 'number' || typeof value === 'boolean';
    key += `${isSeen ? value : ''},`;
  }
  return key;
}
