import { type ApolloServerPlugin, HeaderMap } from '@apollo/server';
import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import { BulkheadError } from '../../errors/bulkhead-error.js';
import type { LiveDoor } from '../../resolvers/live/live-source.js';
import type { RequestContext } from '../../resolvers/request-context.js';
import { checkedVariables } from '../checked-variables.js';

/** A subscription that has passed all that an operation over HTTP passes before it runs. */
export interface OpenedOperation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** As the operation sees them, with defaults. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/** The door of a connection on which a subscription is being opened. */
export interface OpeningDoor extends LiveDoor {
  /** Takes the operation when it has been parsed, validated, bounded and paid for. */
  accept(opened: OpenedOperation): void;
}

/**
 * Refuses a subscription that came over plain HTTP, and anything else that came over a live connection.
 * @throws BulkheadError BAD_REQUEST
 */
export function requireTransport({ operation }: OperationDefinitionNode, { live }: RequestContext): void {
  if ((operation === 'subscription') === (live !== undefined)) return;
  throw new BulkheadError(
    'BAD_REQUEST',
    live === undefined
      ? 'Subscriptions are answered over WebSocket at this address, or as an event stream at /graphql/stream'
      : 'Only subscriptions are answered here: send queries and mutations by POST to /graphql',
  );
}

/** Hands subscriptions to the connection that they came over, instead of executing them. */
export function handOverSubscriptions(): ApolloServerPlugin<RequestContext> {
  return {
    requestDidStart: async () => ({
      responseForOperation: async ({ document, operation, request, contextValue: { live } }) => {
        if (operation.operation !== 'subscription') return null;
        const variables = checkedVariables(request) ?? {};
        (live as OpeningDoor).accept({ document, operation, variables });
        return { http: { headers: new HeaderMap() }, body: { kind: 'single', singleResult: { data: null } } };
      },
    }),
  };
}
