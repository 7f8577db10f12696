import { entrantsOf, type Scenario } from './scenario.js';

/** What a request costs before it asks for anything. */
export const w0Typename: Scenario = {
  id: 'W0',
  title: '{ __typename }',
  operations: [
    {
      name: 'typename',
      document: '{ __typename }',
      variables: () => ({}),
      weight: 1,
      tokens: { STANDARD: 1, DATA_READ: 0 },
      postgraphile: { document: '{ __typename }', variables: () => ({}), answer: (data) => data },
    },
  ],
  entrants: entrantsOf(['raw', 'postgraphile', 'mercurius-same', 'yoga', 'naive-apollo']),
  isCompared: true,
  notes: [],
};
