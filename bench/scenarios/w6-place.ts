import { metricId, seedSizes, siteId, wideOrganization, wideSite, wideType } from '../seed/seed-plan.js';
import { entrantsOf, type Scenario } from './scenario.js';

const dayMs = 86_400_000;

/** W6. */
export const w6Place: Scenario = {
  id: 'W6',
  title: 'a day of 20 metrics over the 200 things of a place, in hours',
  operations: [
    {
      name: 'place',
      document: `query Place($id: ID!, $start: DateTime!, $end: DateTime!, $metrics: [ID!]) {
        site(id: $id) { timeseries(start: $start, end: $end, bin: { unit: HOUR }, metricIds: $metrics) {
          metricId points { at value }
        } }
      }`,
      variables: ({ manifest }) => ({
        id: siteId(wideOrganization, wideSite),
        start: new Date(manifest.endMs - dayMs).toISOString(),
        end: new Date(manifest.endMs).toISOString(),
        metrics: Array.from({ length: seedSizes.wideMetrics }, (_, position) =>
          metricId(wideOrganization, wideType, position),
        ),
      }),
      weight: 1,
      tokens: { STANDARD: 1, DATA_READ: 1 },
    },
  ],
  entrants: [
    ...entrantsOf(['raw']),
    { label: 'raw (scan)', contender: 'raw', checks: true, key: 'full', statement: 'scan' },
  ],
  organization: wideOrganization,
  connections: 2,
  isCompared: true,
  notes: ['Raw reads the finished rollup table by hand; raw (scan) aggregates the readings.'],
};
