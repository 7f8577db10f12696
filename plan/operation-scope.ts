import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  isAbstractType,
  type SelectionSetNode,
  TypeNameMetaFieldDef,
} from 'graphql';
import { Unplannable } from './unplannable.js';

/** Values of variables after coercion. */
export type Variables = Readonly<Record<string, unknown>>;

/** A field of the answer: all selections of one response key, merged. */
export interface SelectedField {
  /** Response key: the alias, or the name. */
  readonly key: string;
  readonly name: string;
  readonly nodes: readonly [FieldNode, ...FieldNode[]];
  readonly definition: GraphQLField<unknown, unknown>;
  /** Selections below it. */
  readonly selectionSets: readonly SelectionSetNode[];
}

/** What selections of one operation are read against. */
export class OperationScope {
  readonly schema: GraphQLSchema;
  readonly variables: Variables;
  readonly #fragments = new Map<string, FragmentDefinitionNode>();

  constructor(schema: GraphQLSchema, document: DocumentNode, variables: Variables) {
    this.schema = schema;
    this.variables = variables;
    for (const definition of document.definitions) {
      if (definition.kind === 'FragmentDefinition') this.#fragments.set(definition.name.value, definition);
    }
  }

  /** The fields that are selected on objects of a type, in the order of the answer (GraphQL, 6.3.2 CollectFields). */
  fieldsOf(type: GraphQLObjectType, selectionSets: readonly SelectionSetNode[]): SelectedField[] {
    const groups = new Map<string, FieldNode[]>();
    const visited = new Set<string>();
    for (const selectionSet of selectionSets) this.#collect(type, selectionSet, groups, visited);
    return [...groups].map(([key, nodes]) => this.#merged(type, key, nodes as [FieldNode, ...FieldNode[]]));
  }

  #merged(type: GraphQLObjectType, key: string, nodes: [FieldNode, ...FieldNode[]]): SelectedField {
    const name = nodes[0].name.value;
    const definition = name === '__typename' ? TypeNameMetaFieldDef : type.getFields()[name];
    if (definition === undefined) throw new Unplannable(`${type.name}.${name}`);
    const selectionSets = nodes.flatMap(({ selectionSet }) => (selectionSet === undefined ? [] : [selectionSet]));
    return { key, name, nodes, definition, selectionSets };
  }

  #collect(
    type: GraphQLObjectType,
    selectionSet: SelectionSetNode,
    groups: Map<string, FieldNode[]>,
    visited: Set<string>,
  ): void {
    for (const selection of selectionSet.selections) {
      if (this.#isLeftOut(selection)) continue;
      if (selection.kind === 'Field') {
        const key = selection.alias?.value ?? selection.name.value;
        const nodes = groups.get(key);
        if (nodes === undefined) groups.set(key, [selection]);
        else nodes.push(selection);
        continue;
      }
      let fragment:
        | {
            readonly typeCondition?: { readonly name: { readonly value: string } } | undefined;
            selectionSet: SelectionSetNode;
          }
        | undefined = selection.kind === 'InlineFragment' ? selection : undefined;
      if (selection.kind === 'FragmentSpread') {
        const name = selection.name.value;
        if (visited.has(name)) continue;
        visited.add(name);
        fragment = this.#fragments.get(name);
      }
      if (fragment !== undefined && this.#applies(type, fragment.typeCondition?.name.value)) {
        this.#collect(type, fragment.selectionSet, groups, visited);
      }
    }
  }

  #applies(type: GraphQLObjectType, condition: string | undefined): boolean {
    if (condition === undefined || condition === type.name) return true;
    const conditional = this.schema.getType(condition);
    return isAbstractType(conditional) && this.schema.isSubType(conditional, type);
  }

  #isLeftOut(selection: SelectionSetNode['selections'][number]): boolean {
    if (selection.directives === undefined || selection.directives.length === 0) return false;
    const skip = getDirectiveValues(GraphQLSkipDirective, selection, this.variables);
    const include = getDirectiveValues(GraphQLIncludeDirective, selection, this.variables);
    return skip?.['if'] === true || include?.['if'] === false;
  }
}
