import type { ApolloServerPlugin, BaseContext, GraphQLRequest } from '@apollo/server';
import {
  type DocumentNode,
  GraphQLScalarType,
  type GraphQLSchema,
  Kind,
  type NamedTypeNode,
  type OperationDefinitionNode,
} from 'graphql';

/** Where a request keeps its variables once they are checked: a WeakMap of requests costs each of them 30 µs. */
const checked = Symbol('checked variables');
interface CheckedRequest extends GraphQLRequest {
  [checked]?: Readonly<Record<string, unknown>>;
}

/** Documents to execute with checked variables, by the operation that is executed. */
const documents = new WeakMap<OperationDefinitionNode, DocumentNode>();

/** A type for what is checked, under a name that is no text: no document can have it, and no introspection finds it. */
const checkedType = new GraphQLScalarType({ name: 'Checked' });
const checkedName = Symbol('type of checked variables');
const checkedTypeNode = {
  kind: Kind.NAMED_TYPE,
  name: { kind: Kind.NAME, value: checkedName },
} as unknown as NamedTypeNode;

/** Keeps what `checkVariables` gave for a request. */
export function noteChecked(request: GraphQLRequest, variables: Readonly<Record<string, unknown>>): void {
  (request as CheckedRequest)[checked] = variables;
}

/** The variables of a request as its operation sees them, with defaults; undefined before they are checked. */
export function checkedVariables(request: GraphQLRequest): Readonly<Record<string, unknown>> | undefined {
  return (request as CheckedRequest)[checked];
}

/**
 * Executes with the variables that have been checked. graphql-js would coerce them once more, which costs as much as the
 * rest of an ingest of a thousand readings; it is given a document whose variables are of a type that takes any value.
 */
export function executeChecked<Context extends BaseContext>(schema: GraphQLSchema): ApolloServerPlugin<Context> {
  const getType = schema.getType.bind(schema);
  schema.getType = (name: string | symbol) => (name === checkedName ? checkedType : getType(name as string));
  return {
    requestDidStart: async () => ({
      executionDidStart: async (execution) => {
        const { request, document, operation } = execution;
        const variables = checkedVariables(request);
        if (variables === undefined || !operation.variableDefinitions?.length) return;
        request.variables = variables;
        (execution as { document: DocumentNode }).document = untyped(document, operation);
      },
    }),
  };
}

/** The document with the variables of one operation of it taken as they are. */
function untyped(document: DocumentNode, operation: OperationDefinitionNode): DocumentNode {
  let known = documents.get(operation);
  if (known === undefined) {
    const variableDefinitions = (operation.variableDefinitions ?? []).map(({ kind, variable }) => {
      return { kind, variable, type: checkedTypeNode };
    });
    const definitions = document.definitions.map((definition) =>
      definition === operation ? { ...operation, variableDefinitions } : definition,
    );
    known = { ...document, definitions };
    documents.set(operation, known);
  }
  return known;
}
