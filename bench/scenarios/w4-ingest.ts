import { metricName, seedSizes, thingId, typeOfThing, writableThings } from '../seed/seed-plan.js';
import { type Draw, entrantsOf, type Operation, type Scenario } from './scenario.js';

const framesPerThing = 4;
/** Milliseconds between two frames of a thing. */
const frameCadenceMs = 15_000;

interface ThingFrames {
  readonly thingId: string;
  readonly frames: readonly { readonly timestamp: number; readonly metrics: Record<string, number> }[];
}

/** Readings of the last minute of some things: four frames each of all metrics of its type. */
export function recentFrames(draw: Draw, things: readonly number[]): ThingFrames[] {
  const { random, organization, nowMs } = draw;
  return things.map((thing) => ({
    thingId: thingId(organization, thing),
    frames: Array.from({ length: framesPerThing }, (_, frame) => ({
      timestamp: nowMs - frame * frameCadenceMs,
      metrics: valuesOf(typeOfThing(organization, thing), () => random.below(1_000_000) / 1000),
    })),
  }));
}

function valuesOf(type: number, value: () => number): Record<string, number> {
  return Object.fromEntries(
    Array.from({ length: seedSizes.metricsPerType }, (_, position) => [metricName(type, position), value()]),
  );
}

/** Things, each once. */
function someThings({ random }: Draw, count: number): number[] {
  const { first, end } = writableThings;
  const things = new Set<number>();
  while (things.size < count) things.add(first + random.below(end - first));
  return [...things];
}

/** Readings of some things as frames. */
export const ingestFrames: Operation = {
  name: 'ingest',
  document: 'mutation Ingest($input: IngestFramesInput!) { ingestFrames(input: $input) { framesIngested } }',
  variables: (draw) => ({ input: { things: recentFrames(draw, someThings(draw, 50)) } }),
  weight: 1,
  tokens: { STANDARD: 1, DATA_READ: 0 },
  postgraphile: {
    document: 'mutation Ingest($frames: JSON!) { benchIngest(input: { frames: $frames }) { result } }',
    variables: ({ input }) => ({ frames: flatFrames((input as { things: ThingFrames[] }).things) }),
    answer: ({ benchIngest: ingest }: { benchIngest: { result: number } }) => ({
      ingestFrames: { framesIngested: ingest.result / seedSizes.metricsPerType },
    }),
  },
};

function flatFrames(things: readonly ThingFrames[]) {
  return things.flatMap(({ thingId: id, frames }) => frames.map((frame) => ({ thingId: id, ...frame })));
}

/** The same number of readings of one thing, as a table. */
const ingestColumnar: Operation = {
  name: 'ingest',
  document: 'mutation Ingest($input: IngestColumnarInput!) { ingestColumnar(input: $input) { framesIngested } }',
  variables: (draw) => {
    const [thing = 0] = someThings(draw, 1);
    const columns = Object.keys(valuesOf(typeOfThing(draw.organization, thing), () => 0));
    const rows = Array.from({ length: 200 }, (_, row) => [
      draw.nowMs - row * 1000,
      ...columns.map(() => draw.random.below(1_000_000) / 1000),
    ]);
    return { input: { thingId: thingId(draw.organization, thing), columns: ['timestamp', ...columns], rows } };
  },
  weight: 1,
  tokens: { STANDARD: 1, DATA_READ: 0 },
};

/** W4. */
export const w4Ingest: Scenario = {
  id: 'W4',
  title: 'ingest of 1,000 readings: 50 things, 4 frames of 5 metrics each',
  operations: [ingestFrames],
  entrants: entrantsOf(['raw', 'postgraphile', 'mercurius-same', 'mercurius', 'yoga', 'naive-apollo']),
  isCompared: true,
  notes: [
    'PostGraphile writes readings and latest values into tables of the operational database by an SQL function.',
    'PostGraphile and the straightforward data layer keep no rollups.',
  ],
};

/** W4 in the form of a table. */
export const w4Columnar: Scenario = {
  id: 'W4-columnar',
  title: 'ingest of 1,000 readings of one thing as a table: 200 rows of 5 metrics',
  operations: [ingestColumnar],
  entrants: entrantsOf([]),
  isCompared: false,
  notes: [],
};
