import { getDirective } from '@graphql-tools/utils';
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  GraphQLError,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getArgumentValues,
  getDirectiveValues,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  type OperationDefinitionNode,
  type SelectionSetNode,
  TypeMetaFieldDef,
} from 'graphql';
import type { RateLimitTier } from '../auth/rate-limits/rate-limit-state.js';
import { BulkheadError } from '../errors/bulkhead-error.js';
import { withoutValues } from './without-values.js';

/** Bounds of one operation, beside 1,000 tokens of its document (see `docs/limits.md`). */
export const operationBounds = {
  depth: 12,
  rootFields: 10,
  aliases: 15,
  directives: 20,
  nodes: 20_000,
  /** Selections after fragments are spread: what a fragment bomb multiplies. */
  selections: 5_000,
} as const;

/** What an operation asks for, at most. */
export interface OperationCost {
  /** Tokens by tier. */
  readonly tokens: Readonly<Record<RateLimitTier, number>>;
  /** Objects of lists and relations. */
  readonly nodes: number;
}

interface Counters {
  tokens: Record<RateLimitTier, number>;
  nodes: number;
  selections: number;
  aliases: number;
  directives: number;
}

/** Parts of a connection: they multiply nothing. */
const plumbing = new Set(['edges', 'nodes', 'node', 'pageInfo']);

/**
 * Computes from the document alone what an operation can ask for: every rate-limited field costs one token of its tier
 * for each time it could be resolved, with lists taken at their full page size.
 * @param variables as `checkVariables` gives them
 * @throws BulkheadError OPERATION_TOO_COMPLEX that names the bound that was passed; BAD_USER_INPUT for a variable that is
 * null where an argument must not be
 */
export function operationCost(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): OperationCost {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === 'FragmentDefinition') fragments.set(definition.name.value, definition);
  }
  const root = schema.getRootType(operation.operation);
  if (!root) throw new BulkheadError('BAD_REQUEST', `The schema has no ${operation.operation}`);
  const counters: Counters = {
    tokens: { STANDARD: 0, DATA_READ: 0 },
    nodes: 0,
    selections: 0,
    aliases: 0,
    directives: 0,
  };
  try {
    new CostWalk(schema, fragments, variables, counters).rootFields(operation.selectionSet, root);
  } catch (error) {
    // Of graphql-js, which the document has passed already: a variable is null where an argument must not be.
    throw error instanceof GraphQLError ? new BulkheadError('BAD_USER_INPUT', withoutValues(error.message)) : error;
  }
  return { tokens: counters.tokens, nodes: counters.nodes };
}

class CostWalk {
  readonly #schema: GraphQLSchema;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #variables: Readonly<Record<string, unknown>>;
  readonly #counters: Counters;

  constructor(
    schema: GraphQLSchema,
    fragments: ReadonlyMap<string, FragmentDefinitionNode>,
    variables: Readonly<Record<string, unknown>>,
    counters: Counters,
  ) {
    this.#schema = schema;
    this.#fragments = fragments;
    this.#variables = variables;
    this.#counters = counters;
  }

  rootFields(selectionSet: SelectionSetNode, root: GraphQLObjectType): void {
    let rootFields = 0;
    this.#walk(selectionSet, root, 1, (field, parent) => {
      rootFields += 1;
      requireBound('root fields', rootFields, operationBounds.rootFields);
      if (!isIntrospection(field)) return this.#field(field, parent, 1, 1);
      // It has no tier of its own and costs what any root field costs.
      this.#charge('STANDARD', 1);
      this.#introspect(field, parent);
    });
  }

  #walk(
    selectionSet: SelectionSetNode,
    parent: GraphQLCompositeType,
    depth: number,
    visit: (field: FieldNode, parent: GraphQLCompositeType) => void,
  ): void {
    requireBound('levels', depth, operationBounds.depth);
    for (const selection of selectionSet.selections) {
      this.#counters.selections += 1;
      requireBound('selections', this.#counters.selections, operationBounds.selections);
      this.#counters.directives += selection.directives?.length ?? 0;
      requireBound('directives', this.#counters.directives, operationBounds.directives);
      if (this.#isLeftOut(selection)) continue;
      if (selection.kind === 'Field') {
        if (selection.alias !== undefined) this.#counters.aliases += 1;
        requireBound('aliases', this.#counters.aliases, operationBounds.aliases);
        visit(selection, parent);
        continue;
      }
      const fragment = selection.kind === 'FragmentSpread' ? this.#fragments.get(selection.name.value) : selection;
      if (fragment === undefined) continue;
      const condition = fragment.typeCondition?.name.value;
      const type = condition === undefined ? parent : this.#schema.getType(condition);
      this.#walk(fragment.selectionSet, isCompositeType(type) ? type : parent, depth, visit);
    }
  }

  #field(field: FieldNode, parent: GraphQLCompositeType, times: number, depth: number): void {
    if (!isObjectType(parent) && !isInterfaceType(parent)) return;
    const definition = parent.getFields()[field.name.value];
    if (definition === undefined) return;
    const tier = getDirective(this.#schema, definition, 'rateLimit')?.[0]?.['tier'] as RateLimitTier | undefined;
    if (tier !== undefined) this.#charge(tier, times);
    const args = getArgumentValues(definition, field, this.#variables);
    const type = getNamedType(definition.type);
    if (!isCompositeType(type) || field.selectionSet === undefined) return;
    const size = args['first'] ?? args['limit'];
    const inner = times * (typeof size === 'number' ? Math.max(0, size) : 1);
    if (!plumbing.has(field.name.value)) {
      this.#counters.nodes += inner;
      requireBound('nodes', this.#counters.nodes, operationBounds.nodes);
    }
    this.#walk(field.selectionSet, type, depth + 1, (child, owner) => {
      if (!isIntrospection(child)) this.#field(child, owner, inner, depth + 1);
    });
  }

  /**
   * The nesting of introspection is deeper than that of data, and bounded by graphql-js (MaxIntrospectionDepthRule); what
   * multiplies it is counted as everywhere.
   */
  #introspect(field: FieldNode, parent: GraphQLCompositeType): void {
    if (field.name.value === TypeMetaFieldDef.name) getArgumentValues(TypeMetaFieldDef, field, this.#variables);
    if (field.selectionSet === undefined) return;
    this.#walk(field.selectionSet, parent, 1, (child) => this.#introspect(child, parent));
  }

  #charge(tier: RateLimitTier, times: number): void {
    this.#counters.tokens[tier] += times;
  }

  #isLeftOut(selection: SelectionSetNode['selections'][number]): boolean {
    const skip = getDirectiveValues(GraphQLSkipDirective, selection, this.#variables);
    const include = getDirectiveValues(GraphQLIncludeDirective, selection, this.#variables);
    return skip?.['if'] === true || include?.['if'] === false;
  }
}

function isIntrospection(field: FieldNode): boolean {
  return field.name.value.startsWith('__');
}

function requireBound(what: string, value: number, bound: number): void {
  if (value > bound) {
    throw new BulkheadError('OPERATION_TOO_COMPLEX', `The operation has more than ${bound} ${what}`);
  }
}
