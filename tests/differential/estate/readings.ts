import { change } from '../../isolation/seed.js';
import type { GraphqlClient } from '../../support/graphql-client.js';

const minuteMs = 60_000;
const dayMs = 1_440 * minuteMs;

/**
 * Days before now of which the things have readings. All are about half a day from a whole number of days before now, so
 * that no window that ends now (`recentEvents`, the retention) can lose one between two requests of a run.
 */
export const readingDays = [0.5, 1.5, 6.5, 29.5, 120.5, 299.5, 301.5] as const;

type Values = Readonly<Record<string, unknown>>;

/** What things report, by their place in the estate: metrics of their versions, in some other case now and then. */
const reports: readonly { readonly thing: number; readonly values: readonly Values[] }[] = [
  {
    thing: 0,
    values: [
      { power: 0.1, energy_total: 1e21 },
      { POWER: '-0', energy_total: 5e-324 },
    ],
  },
  { thing: 1, values: [{ Power: 1.7976931348623157e308, energy_total: 1.7976931348623157e308 }, { power: 1e308 }] },
  {
    thing: 2,
    values: [
      {
        power: 1,
        count: 3,
        mode: 'idle',
        online: true,
        report: '{"2":[0.1,-0.0,1e15],"1":{"b":null,"a":"é"}}',
        state: 2,
      },
      { power: 2, report: [1, 'two', null, true] },
      { report: '"text"', mode: 'x'.repeat(300) },
      { report: 0.1 },
    ],
  },
  { thing: 3, values: [{ power: 3, count: '9223372036854775807' }, { count: '-9223372036854775808' }, { count: 7 }] },
  { thing: 4, values: [{ state: 10, resets: 1, online: true }, { state: 2, resets: 0 }, { online: false }] },
  { thing: 5, values: [{ mode: 'on "off" \\ \n é', energy_total: 12.5 }] },
  { thing: 7, values: [{ power: 1e21, count: 9007199254740991 }] },
  { thing: 8, values: [{ retired: 4.5, power: 2 }, { retired: 1e-7 }] },
  { thing: 9, values: [{ resets: '-1', report: { '': 1, constructor: {} } }] },
  { thing: 10, values: [{ state: 2, online: true }] },
  { thing: 11, values: [{ power: 22.25 }, { energy_total: 0.30000000000000004 }] },
  { thing: 13, values: [{ mode: '' }, { mode: '👩‍🔧 \u2028' }] },
  {
    thing: 15,
    values: [
      { power: 1, count: 1 },
      { power: 2, count: 2 },
      { power: 4, count: 4 },
    ],
  },
  { thing: 16, values: [{ power: 8, count: 8 }] },
];

/** Ingests readings at known moments: the same moments of several things, some before the retention. */
export async function fillReadings(client: GraphqlClient, things: readonly string[], nowMs: number): Promise<void> {
  const frames = reports.map(({ thing, values }) => ({
    thingId: things[thing],
    frames: readingDays.flatMap((days) =>
      values.map((metrics, index) => ({
        timestamp: nowMs - Math.round(days * dayMs) + (index * 17 + (thing % 3)) * minuteMs,
        metrics,
      })),
    ),
  }));
  await change(client, 'ingestFrames', { things: frames }, 'framesIngested');
}
