import { entrantsOf, type Operation, pgbenchEntrant, pgbenchNote, type Scenario } from './scenario.js';
import { anyThing } from './w2-thing.js';

/** A new name for a thing. */
export const updateThing: Operation = {
  name: 'update',
  document: 'mutation Update($input: UpdateThingInput!) { updateThing(input: $input) { thing { id name } } }',
  variables: (draw) => ({ input: { id: anyThing(draw), name: `Thing ${draw.random.below(1_000_000)}` } }),
  weight: 1,
  tokens: { STANDARD: 1, DATA_READ: 0 },
  postgraphile: {
    document: `mutation Update($orgId: UUID!, $id: UUID!, $name: String!) {
      updateThingByOrgIdAndRowId(input: { orgId: $orgId, rowId: $id, thingPatch: { name: $name } }) { thing { rowId name } }
    }`,
    variables: ({ input }, orgId) => ({ orgId, ...(input as { id: string; name: string }) }),
    answer: ({ updateThingByOrgIdAndRowId: { thing } }: PostGraphileUpdate) => ({
      updateThing: { thing: { id: thing.rowId, name: thing.name } },
    }),
  },
};

/** W3. */
export const w3Update: Scenario = {
  id: 'W3',
  title: 'a thing gets a new name, with its audit entry',
  operations: [updateThing],
  entrants: [
    ...entrantsOf(['raw', 'postgraphile', 'mercurius-same', 'mercurius', 'yoga', 'naive-apollo']),
    pgbenchEntrant,
  ],
  isCompared: true,
  notes: ['PostGraphile writes no audit entry; all others write it in the transaction of the change.', pgbenchNote],
};

interface PostGraphileUpdate {
  readonly updateThingByOrgIdAndRowId: { readonly thing: { readonly rowId: string; readonly name: string } };
}
