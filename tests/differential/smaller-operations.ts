import {
  type ASTNode,
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  parse,
  print,
  type SelectionNode,
  validate,
  visit,
} from 'graphql';
import { type Asking, Operation } from './operation.js';

/** A change of one node: null removes it, a list of selections takes its place. */
interface Edit {
  readonly node: ASTNode;
  readonly becomes: ASTNode | readonly SelectionNode[] | null;
  /** Characters that it takes away, about. */
  readonly gain: number;
}

/**
 * Operations that ask for less than one: without one of its askings, selections, fragments, arguments, directives,
 * aliases or variables, those first that take away most. All are valid.
 */
export function* smallerOperations(schema: GraphQLSchema, operation: Operation): Generator<Operation> {
  const { document: text, operationName, askings } = operation;
  if (askings.length > 1) for (const asking of askings) yield new Operation(text, operationName, [asking]);
  const document = parse(text);
  for (const edit of editsOf(document)) {
    const edited = prune(apply(document, edit));
    if (edited === undefined || validate(schema, edited).length > 0) continue;
    yield withVariablesOf(edited, operationName, askings);
  }
  yield* plainer(text, operationName, askings);
}

function editsOf(document: DocumentNode): Edit[] {
  const nodes = nodesOf(document);
  const fragments = new Map(
    nodes.flatMap((node) => (node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [])),
  );
  const edits: Edit[] = [];
  const add = (node: ASTNode, becomes: Edit['becomes'] = null, gain = sizeOf(node)) =>
    edits.push({ node, becomes, gain });
  for (const node of nodes) {
    switch (node.kind) {
      case Kind.OPERATION_DEFINITION:
        if (document.definitions.length > 1) add(node);
        break;
      case Kind.FIELD:
        add(node);
        if (node.alias !== undefined) add(node.alias);
        break;
      case Kind.INLINE_FRAGMENT:
        add(node);
        add(node, node.selectionSet.selections, 3);
        break;
      case Kind.FRAGMENT_SPREAD:
        add(node);
        add(node, fragments.get(node.name.value)?.selectionSet.selections ?? null, 2);
        break;
      case Kind.ARGUMENT:
      case Kind.OBJECT_FIELD:
      case Kind.DIRECTIVE:
        add(node);
        break;
      case Kind.VARIABLE_DEFINITION:
        if (node.defaultValue !== undefined) add(node.defaultValue);
    }
  }
  return edits.sort((one, other) => other.gain - one.gain);
}

function nodesOf(document: ASTNode): ASTNode[] {
  const nodes: ASTNode[] = [];
  visit(document, { enter: (node) => void nodes.push(node) });
  return nodes;
}

function sizeOf({ loc }: ASTNode): number {
  return loc === undefined ? 0 : loc.end - loc.start;
}

function apply(document: DocumentNode, { node, becomes }: Edit): DocumentNode {
  return visit(document, {
    enter: (each) => (each === node && !Array.isArray(becomes) ? becomes : undefined),
    leave: (each) => {
      if (!Array.isArray(becomes) || each.kind !== Kind.SELECTION_SET) return undefined;
      if (!each.selections.includes(node as SelectionNode)) return undefined;
      return { ...each, selections: each.selections.flatMap((one) => (one === node ? becomes : [one])) };
    },
  });
}

/** Without fragments and variables that nothing uses; undefined where a selection is empty, or nothing is left to read. */
function prune(document: DocumentNode): DocumentNode | undefined {
  const nodes = nodesOf(document);
  if (nodes.some((node) => node.kind === Kind.SELECTION_SET && node.selections.length === 0)) return undefined;
  if (!nodes.some((node) => node.kind === Kind.OPERATION_DEFINITION && node.operation === 'query')) return undefined;
  const spread = new Set(nodes.flatMap((node) => (node.kind === Kind.FRAGMENT_SPREAD ? [node.name.value] : [])));
  const definitions = document.definitions.filter(
    (definition) => definition.kind !== Kind.FRAGMENT_DEFINITION || spread.has(definition.name.value),
  );
  if (definitions.length < document.definitions.length) return prune({ ...document, definitions });
  // The definition of a variable names it too.
  const times = new Map<string, number>();
  for (const node of nodes) {
    if (node.kind === Kind.VARIABLE) times.set(node.name.value, (times.get(node.name.value) ?? 0) + 1);
  }
  return withoutVariables(document, (name) => times.get(name) === 1);
}

/** Without the definitions of variables. */
function withoutVariables(document: DocumentNode, isUnwanted: (name: string) => boolean): DocumentNode {
  return visit(document, {
    enter: (node) =>
      node.kind === Kind.VARIABLE_DEFINITION && isUnwanted(node.variable.name.value) ? null : undefined,
  });
}

/** The operation of an edited document, with the variables that it still has. */
function withVariablesOf(document: DocumentNode, name: string | undefined, askings: readonly Asking[]): Operation {
  const defined = new Set(
    nodesOf(document).flatMap((node) => (node.kind === Kind.VARIABLE_DEFINITION ? [node.variable.name.value] : [])),
  );
  const kept = askings.map((asking) => ({
    ...asking,
    variables: Object.fromEntries(Object.entries(asking.variables).filter(([variable]) => defined.has(variable))),
  }));
  return new Operation(print(document), name, kept);
}

/** Askings by the plainest request, without the name, and with the values of variables written out. */
function* plainer(text: string, operationName: string | undefined, askings: readonly Asking[]): Generator<Operation> {
  if (operationName !== undefined) yield new Operation(text, undefined, askings);
  if (askings.some(({ method, accept }) => method === 'GET' || accept !== 'application/json')) {
    const plain = { method: 'POST', accept: 'application/json' } as const;
    yield new Operation(
      text,
      operationName,
      askings.map((asking) => ({ ...asking, ...plain })),
    );
  }
  for (const asking of askings) {
    for (const [name, value] of Object.entries(asking.variables)) {
      const written = writtenOut(text, name, value);
      if (written !== undefined) yield withVariablesOf(written, operationName, [asking]);
    }
  }
}

/** The document with a variable replaced by its value, where that can be written. */
function writtenOut(source: string, name: string, value: unknown): DocumentNode | undefined {
  if (typeof value === 'object' || (typeof value === 'string' && !value.isWellFormed())) return undefined;
  const text = JSON.stringify(value);
  const written = visit(
    withoutVariables(parse(source), (each) => each === name),
    {
      enter: (node) =>
        node.kind === Kind.VARIABLE && node.name.value === name ? { kind: Kind.ENUM, value: text } : undefined,
    },
  );
  return parse(print(written));
}
