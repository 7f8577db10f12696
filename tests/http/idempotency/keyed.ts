import type { GraphqlAnswer, GraphqlClient } from '../../support/graphql-client.js';

/** Makes a fleet of a name, which need not be its own. */
export const createFleet = `mutation ($name: String!) {
  createFleet(input: { name: $name }) { id fleet { id name createdAt } }
}`;

/** Sends an operation with an Idempotency-Key. */
export function sendKeyed(
  client: GraphqlClient,
  key: string,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<GraphqlAnswer> {
  return client.send(query, variables, { 'idempotency-key': key });
}

/** What is told of an answer by its status, its codes and whether it is a replay. */
export function outcomeOf(answer: GraphqlAnswer): string {
  const parts = [String(answer.status), ...answer.errors.map(({ extensions }) => String(extensions.code))];
  if (answer.headers.get('idempotency-replayed') === 'true') parts.push('replayed');
  return parts.join(' ');
}
