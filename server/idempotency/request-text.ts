import canonicalize from 'canonicalize';
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  print,
  type SelectionSetNode,
} from 'graphql';
import { invalid } from './parse-idempotency-key.js';

/** Printed documents; Apollo keeps a document parsed while it is in use. */
const printed = new WeakMap<DocumentNode, string>();

/**
 * What makes two requests the same, as one text: the document without comments and spacing, the name of the operation, the
 * variables in canonical form (JCS, RFC 8785), and who asks.
 * @param subject id of the API key
 * @throws BulkheadError IDEMPOTENCY_KEY_INVALID for variables without a canonical form
 */
export function requestText(
  document: DocumentNode,
  operationName: string | undefined,
  variables: Readonly<Record<string, unknown>>,
  subject: string,
): string {
  let text = printed.get(document);
  if (text === undefined) {
    text = print(document);
    printed.set(document, text);
  }
  return JSON.stringify([subject, operationName ?? null, text, canonical(variables)]);
}

/** Lone surrogates, numbers beyond a double and very deep values have no canonical form. */
function canonical(variables: Readonly<Record<string, unknown>>): string | undefined {
  try {
    return canonicalize(variables);
  } catch {
    throw invalid('the variables must be well-formed Unicode, with numbers in range, and not nest too deeply');
  }
}

/**
 * Refuses an operation that a key cannot cover: two mutations of one document are two transactions.
 * @throws BulkheadError IDEMPOTENCY_KEY_INVALID
 */
export function requireOneRootField(document: DocumentNode, { selectionSet }: OperationDefinitionNode): void {
  const fields = [...rootFieldsOf(document, selectionSet)];
  if (fields.length !== 1) throw invalid(`covers a mutation of one root field; this one has ${fields.length}`);
  if (fields[0]?.name.value.startsWith('__')) throw invalid('covers a mutation, and this document changes nothing');
}

/** Selections of fields at the root, fragments spread; costs have bounded them. */
function* rootFieldsOf(document: DocumentNode, { selections }: SelectionSetNode): Generator<FieldNode> {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) yield selection;
    else if (selection.kind === Kind.INLINE_FRAGMENT) yield* rootFieldsOf(document, selection.selectionSet);
    else yield* rootFieldsOf(document, fragmentOf(document, selection.name.value).selectionSet);
  }
}

function fragmentOf(document: DocumentNode, name: string): FragmentDefinitionNode {
  const fragment = document.definitions.find(
    (definition): definition is FragmentDefinitionNode =>
      definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === name,
  );
  if (fragment === undefined) throw new Error('a fragment of a valid document is missing');
  return fragment;
}
