import { thingId } from '../seed/seed-plan.js';
import { entrantsOf, type Scenario } from './scenario.js';
import { listThings } from './w1-list.js';
import { getThing } from './w2-thing.js';

/** Things of each organization of the deployments that differ in the number of organizations only. */
export const scaleThings = 100;

const entrants = entrantsOf([]);

/** The list of W1, of organizations with few things. */
export const scaleList: Scenario = {
  id: 'scale-list',
  title: '50 things with site, type, metrics and latest values, of organizations with 100 things each',
  operations: [listThings],
  entrants,
  isCompared: false,
  notes: [],
};

/** The thing of W2, of organizations with few things. */
export const scaleGet: Scenario = {
  id: 'scale-get',
  title: 'one thing by id, of organizations with 100 things each',
  operations: [
    {
      ...getThing,
      variables: ({ random, organization }) => ({ id: thingId(organization, random.below(scaleThings)) }),
    },
  ],
  entrants,
  isCompared: false,
  notes: [],
};

/** A page of a long list of one organization: the first one, or that after the cursor of the job. */
export const scalePage: Scenario = {
  id: 'scale-page',
  title: 'a page of 50 of the 4,000 things of one organization',
  operations: [
    {
      name: 'page',
      document: 'query Page($after: String) { things(first: 50, after: $after) { nodes { id name } } }',
      variables: ({ cursor }) => ({ after: cursor ?? null }),
      weight: 1,
      tokens: { STANDARD: 1, DATA_READ: 0 },
    },
  ],
  entrants,
  organization: 0,
  isCompared: false,
  notes: [],
};

/** What the command `scale` puts on the gateway. */
export const scaleScenarios: readonly Scenario[] = [scaleList, scaleGet, scalePage];
