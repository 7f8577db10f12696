import {
  dayThings,
  metricId,
  restrictedThings,
  seedSizes,
  siteId,
  siteOfThing,
  thingId,
  typeOfThing,
} from '../seed/seed-plan.js';
import type { Draw, Operation, Scenario } from './scenario.js';
import { listedThing, listThings } from './w1-list.js';
import { getThing } from './w2-thing.js';
import { updateThing } from './w3-update.js';
import { ingestFrames, recentFrames } from './w4-ingest.js';

const dayMs = 86_400_000;

/** A thing that the restricted key may read and write; the full key asks for the same ones. */
function reachableThing({ random }: Draw): number {
  return random.of(restrictedThings());
}

const operations: readonly Operation[] = [
  {
    ...getThing,
    weight: 45,
    variables: (draw) => ({ id: thingId(draw.organization, reachableThing(draw)) }),
  },
  { ...listThings, weight: 15 },
  {
    name: 'site',
    document: `query Site($id: ID!) { site(id: $id) { id name things(first: 20) { nodes { ${listedThing} } } } }`,
    variables: (draw) => ({
      id: siteId(draw.organization, siteOfThing(draw.organization, reachableThing(draw))),
    }),
    weight: 10,
    tokens: { STANDARD: 1, DATA_READ: 20 },
  },
  {
    name: 'series',
    document: `query Day($id: ID!, $start: DateTime!, $end: DateTime!, $metrics: [ID!]) {
      thing(id: $id) { timeseries(start: $start, end: $end, bin: { unit: HOUR }, metricIds: $metrics) {
        metricId points { at value }
      } }
    }`,
    variables: (draw) => {
      const thing = draw.random.of(dayThings());
      const type = typeOfThing(draw.organization, thing);
      return {
        id: thingId(draw.organization, thing),
        start: new Date(draw.manifest.endMs - dayMs).toISOString(),
        end: new Date(draw.manifest.endMs).toISOString(),
        metrics: Array.from({ length: seedSizes.metricsPerType }, (_, position) =>
          metricId(draw.organization, type, position),
        ),
      };
    },
    weight: 10,
    tokens: { STANDARD: 1, DATA_READ: 1 },
  },
  {
    ...updateThing,
    weight: 10,
    variables: (draw) => ({
      input: {
        id: thingId(draw.organization, reachableThing(draw)),
        name: `Thing ${draw.random.below(1_000_000)}`,
      },
    }),
  },
  {
    ...ingestFrames,
    weight: 10,
    variables: (draw) => ({ input: { things: recentFrames(draw, [reachableThing(draw)]) } }),
  },
];

/** W7. */
export const w7Mixed: Scenario = {
  id: 'W7',
  title: 'a mixed load of 50 organizations: 45 % get, 15 % list, 10 % each site, series, update, ingest',
  operations,
  entrants: [
    { label: 'bulkhead (restricted)', contender: 'bulkhead', checks: true, key: 'restricted' },
    { label: 'bulkhead (full)', contender: 'bulkhead', checks: true, key: 'full' },
  ],
  isCompared: false,
  notes: [
    'A restricted key has 61 scopes: it reads and writes the things of 20 sites of 400, and reads all definitions.',
    'Both keys ask for the same things and sites; their lists hold 50 things each.',
  ],
};
