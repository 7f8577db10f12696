import { randomUUID } from 'node:crypto';
import { createOperator } from '../../domain/operator/create-operator.js';
import { type GraphqlClient, graphqlClient } from './graphql-client.js';
import type { TestDeployment } from './test-deployment.js';

/** Makes an operator on the machine itself and answers a client of the operators' API with its key. */
export async function operatorClient(deployment: TestDeployment): Promise<GraphqlClient & { readonly id: string }> {
  const { id, text } = await createOperator(deployment.operational, {
    name: `operator ${randomUUID()}`,
    environment: 'test',
    requestId: 'test',
  });
  return { ...graphqlClient(deployment.gateway.url, text, '/operator/graphql'), id };
}

/** Sets a rate limit of an organization as its operator does. */
export async function setLimits(
  operator: GraphqlClient,
  orgId: string,
  tier: 'STANDARD' | 'DATA_READ',
  perMinute: number,
  burst: number,
): Promise<void> {
  await operator.ok(
    `mutation ($input: SetOrganizationLimitsInput!) {
      setOrganizationLimits(input: $input) { organization { rateLimits { tier perMinute burst } } }
    }`,
    { input: { orgId, tier, perMinute, burst } },
  );
}
