import type { ApolloServerPlugin } from '@apollo/server';
import { type DocumentNode, getOperationAST, Kind } from 'graphql';
import type { OperationNote, RequestContext } from '../resolvers/request-context.js';
import type { GatewaySignals } from './gateway-signals.js';

/** Root fields of an operation that its log line names. */
const maxFields = 3;

/** Notes what each operation is, for its log line, and with which codes it was answered. */
export function measureOperations(signals: GatewaySignals): ApolloServerPlugin<RequestContext> {
  return {
    requestDidStart: async () => ({
      // Names of fields are those of the schema once the document was validated; the operation's own name is its caller's.
      didResolveOperation: async ({ document, operationName, contextValue }) => {
        Object.assign(contextValue.operation, describeOperation(document, operationName));
      },
      willSendResponse: async ({ response: { body }, contextValue }) => {
        if (body.kind !== 'single') return;
        const { errors } = body.singleResult;
        if (errors === undefined || errors.length === 0) return;
        const codes = new Set(errors.map(({ extensions }) => String(extensions?.['code'] ?? 'INTERNAL')));
        signals.noteErrors([...codes], contextValue.identity);
      },
    }),
  };
}

/** Type and root fields of the operation that runs; nothing where it is not known which. */
function describeOperation(document: DocumentNode, name: string | null): OperationNote {
  const operation = getOperationAST(document, name);
  if (operation == null) return {};
  const fields = operation.selectionSet.selections.map((selection) =>
    selection.kind === Kind.FIELD ? selection.name.value : 'fragment',
  );
  return { kind: operation.operation, fields: [...new Set(fields)].slice(0, maxFields).join(' ') };
}
