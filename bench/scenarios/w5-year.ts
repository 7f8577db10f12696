import { metricId, thingId, typeOfThing, yearMinutes, yearOrganization } from '../seed/seed-plan.js';
import { type Entrant, entrantsOf, type Operation, type Scenario } from './scenario.js';

const minuteMs = 60_000;

function yearIn(unit: 'HOUR' | 'DAY'): Operation {
  return {
    name: 'series',
    document: `query Year($id: ID!, $start: DateTime!, $end: DateTime!, $metrics: [ID!]) {
      thing(id: $id) { timeseries(start: $start, end: $end, bin: { unit: ${unit} }, metricIds: $metrics) {
        metricId points { at value }
      } }
    }`,
    variables: ({ manifest }) => ({
      id: thingId(yearOrganization, 0),
      start: new Date(manifest.endMs - yearMinutes * minuteMs).toISOString(),
      end: new Date(manifest.endMs).toISOString(),
      metrics: [metricId(yearOrganization, typeOfThing(yearOrganization, 0), 0)],
    }),
    weight: 1,
    tokens: { STANDARD: 1, DATA_READ: 1 },
  };
}

/** The raw contender twice: from the finished rollup table, and from the readings. */
const entrants: readonly Entrant[] = [
  ...entrantsOf(['raw']),
  { label: 'raw (scan)', contender: 'raw', checks: true, key: 'full', statement: 'scan' },
];

const notes = ['Raw reads the finished rollup table by hand; raw (scan) aggregates the readings.'];

/** W5 in hours. */
export const w5Hourly: Scenario = {
  id: 'W5-hourly',
  title: 'a year of minutes of one metric in hours',
  operations: [yearIn('HOUR')],
  entrants,
  organization: yearOrganization,
  connections: 4,
  isCompared: true,
  notes,
};

/** W5 in days. */
export const w5Daily: Scenario = {
  id: 'W5-daily',
  title: 'a year of minutes of one metric in days',
  operations: [yearIn('DAY')],
  entrants,
  organization: yearOrganization,
  connections: 4,
  isCompared: true,
  notes,
};
