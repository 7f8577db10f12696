import type { Entrant, Operation, Scenario } from '../scenarios/scenario.js';
import type { Manifest } from '../seed/manifest.js';
import type { Random } from '../seed/random.js';
import type { LoadJob } from './load.js';

/** A request as it is sent: all by POST to /graphql. */
export interface BenchRequest {
  readonly operation: Operation;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Draws the next request of a scenario for an entrant. */
export function drawRequest(
  scenario: Scenario,
  entrant: Entrant,
  manifest: Manifest,
  random: Random,
  { activeOrganizations = manifest.organizations.length, cursor }: Pick<LoadJob, 'activeOrganizations' | 'cursor'> = {},
): BenchRequest {
  const operation = drawOperation(scenario.operations, random);
  const number = scenario.organization ?? random.below(activeOrganizations);
  const organization = manifest.organizations[number];
  if (organization === undefined) throw new Error(`there is no organization ${number}`);
  const own = operation.variables({ random, manifest, organization: number, nowMs: Date.now(), cursor });
  const { document, variables } = translated(operation, entrant, own, organization.orgId);
  return {
    operation,
    headers: {
      'content-type': 'application/json',
      'x-api-key': entrant.key === 'full' ? organization.fullKey : organization.restrictedKey,
      'x-bench-operation': `${scenario.id}/${operation.name}`,
      'x-bench-checks': entrant.checks ? '1' : '0',
      ...(entrant.statement === undefined ? {} : { 'x-bench-statement': entrant.statement }),
    },
    body: JSON.stringify({ query: document, variables }),
  };
}

function translated(operation: Operation, entrant: Entrant, variables: Record<string, unknown>, orgId: string) {
  if (entrant.contender !== 'postgraphile') return { document: operation.document, variables };
  const { postgraphile } = operation;
  if (postgraphile === undefined) throw new Error(`PostGraphile has no document for ${operation.name}`);
  return { document: postgraphile.document, variables: postgraphile.variables(variables, orgId) };
}

function drawOperation(operations: readonly Operation[], random: Random): Operation {
  const total = operations.reduce((sum, { weight }) => sum + weight, 0);
  let drawn = random.next() * total;
  for (const operation of operations) {
    drawn -= operation.weight;
    if (drawn < 0) return operation;
  }
  throw new Error('weights are positive');
}
