import { seedSizes, thingId } from '../seed/seed-plan.js';
import { type Draw, entrantsOf, type Operation, pgbenchEntrant, pgbenchNote, type Scenario } from './scenario.js';

/** Any thing of the organization. */
export function anyThing({ random, organization }: Draw): string {
  return thingId(organization, random.below(seedSizes.thingsPerOrganization));
}

/** One thing by its id. */
export const getThing: Operation = {
  name: 'get',
  document: 'query Get($id: ID!) { thing(id: $id) { id name placeId typeId createdAt } }',
  variables: (draw) => ({ id: anyThing(draw) }),
  weight: 1,
  tokens: { STANDARD: 1, DATA_READ: 0 },
  postgraphile: {
    document: `query Get($orgId: UUID!, $id: UUID!) {
      thingByOrgIdAndRowId(orgId: $orgId, rowId: $id) { rowId name placeId thingTypeId createdAt }
    }`,
    variables: ({ id }, orgId) => ({ orgId, id }),
    answer: ({ thingByOrgIdAndRowId: thing }: { thingByOrgIdAndRowId: Record<string, string> }) => ({
      thing: {
        id: thing['rowId'],
        name: thing['name'],
        placeId: thing['placeId'],
        typeId: thing['thingTypeId'],
        createdAt: new Date(thing['createdAt'] ?? '').toISOString(),
      },
    }),
  },
};

/** W2. */
export const w2Thing: Scenario = {
  id: 'W2',
  title: 'one thing by id',
  operations: [getThing],
  entrants: [
    ...entrantsOf(['raw', 'postgraphile', 'mercurius-same', 'mercurius', 'yoga', 'naive-apollo']),
    pgbenchEntrant,
  ],
  isCompared: true,
  notes: [pgbenchNote],
};
