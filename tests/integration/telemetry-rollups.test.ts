import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type postgres from 'postgres';
import { binnedPoints } from '../../telemetry/binned-points.js';
import { forgetThing } from '../../telemetry/forget-thing.js';
import { placeSeries } from '../../telemetry/place-series.js';
import { TelemetryPools } from '../../telemetry/pools.js';
import { removeExpired } from '../../telemetry/retention.js';
import { rollUp } from '../../telemetry/roll-up.js';
import { thingSeries } from '../../telemetry/series.js';
import type { TelemetryDatabase, TelemetryPlacement } from '../../telemetry/telemetry-database.js';
import type { ThingHandle } from '../../telemetry/thing-handle.js';
import { expectSeries, type MadeReading } from '../support/expected-bins.js';
import { connectAs, startTelemetryCluster, type TelemetryCluster } from '../support/telemetry-cluster.js';
import { anyBin, kinds, ReadingModel, writeReadings } from '../support/telemetry-model.js';
import { newThing } from '../support/telemetry-things.js';

let cluster: TelemetryCluster;
let placement: TelemetryPlacement;
let owner: postgres.Sql;
const pools = new TelemetryPools();
beforeAll(async () => {
  cluster = await startTelemetryCluster();
  placement = await cluster.provision();
  owner = cluster.provisioner(placement.database);
});
afterAll(async () => {
  await owner.end();
  await pools.close();
  await cluster.stop();
});

const use = <Result>(work: (database: TelemetryDatabase) => Promise<Result>) => pools.use(placement, work);

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const spanMs = 3 * dayMs;

/** Each run has four days of its own, because `closing` and retention only ever move on. */
let nextBase = Date.parse('2018-01-04T03:00:00Z');
const daysOfItsOwn = () => {
  nextBase += 4 * dayMs;
  return nextBase;
};

const value = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String);
const thing = fc.integer({ min: 0, max: 2 });

/** Two hours only, so that what follows meets them. */
const burstHour = fc.constantFrom(5 * hourMs, 30 * hourMs);

const coarse = fc.integer({ min: 0, max: spanMs / 450_000 }).map((n) => n * 450_000);

type Command =
  | { readonly kind: 'ingest'; readonly readings: readonly { thing: number; offset: number; value: string }[] }
  | { readonly kind: 'burst'; readonly thing: number; readonly offset: number; readonly count: number }
  | { readonly kind: 'roll'; readonly offset: number; readonly maxReadings: number | undefined }
  | { readonly kind: 'forget'; readonly thing: number }
  | { readonly kind: 'expire'; readonly offset: number };

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('ingest' as const),
      // Coarse, so that things report at the same instant and readings are written twice.
      readings: fc.array(fc.record({ thing, offset: fc.oneof(coarse, burstHour), value }), { maxLength: 30 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('burst' as const),
      thing,
      offset: burstHour,
      count: fc.integer({ min: 230, max: 300 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('roll' as const),
      offset: fc.integer({ min: 0, max: spanMs + dayMs / 2 }),
      maxReadings: fc.constantFrom(undefined, undefined, 1, 100),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('forget' as const), thing }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('expire' as const),
      offset: fc.oneof(
        fc.integer({ min: 0, max: spanMs }),
        burstHour.map((hour) => hour + 20 * minuteMs),
      ),
    }),
  },
);

const question = fc.record({
  bin: anyBin,
  from: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: spanMs })),
  length: fc.oneof(fc.constant(spanMs), fc.integer({ min: 1, max: spanMs })),
});

describe('binned series', () => {
  it('are what readings say after any writes, runs of the roller, deletions and retention', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(command, fc.array(question, { minLength: 1, maxLength: 3 })), {
          minLength: 2,
          maxLength: 10,
        }),
        async (steps) => {
          const base = daysOfItsOwn();
          const handles = Array.from({ length: 3 }, () => newThing(placement.orgId, kinds));
          const model = new ReadingModel();
          for (const [step, questions] of steps) {
            await perform(step, base, handles, model);
            for (const { bin, from, length } of questions) {
              const window = { startMs: base + from, endMs: base + from + length };
              const query = { ...window, bin, oldestMs: 0 };
              const inside = model.within(window.startMs, window.endMs);
              expectSeries(await use((db) => placeSeries(db, handles, query)), bin, inside);
              const own = inside.filter(({ thingId }) => thingId === handles[0]!.thingId);
              expectSeries(await use((db) => thingSeries(db, handles[0]!, query)), bin, own);
            }
          }
        },
      ),
      { numRuns: 30 },
    );
  });
});

async function perform(step: Command, base: number, handles: ThingHandle[], model: ReadingModel): Promise<void> {
  const write = async (readings: readonly MadeReading[]) => {
    await use((db) => writeReadings(db, handles, readings));
    model.write(readings);
  };
  switch (step.kind) {
    case 'ingest':
      return write(
        step.readings.map((each) => ({
          thingId: handles[each.thing]!.thingId,
          atMs: base + each.offset,
          value: each.value,
        })),
      );
    case 'burst':
      return write(
        Array.from({ length: step.count }, (_, index) => ({
          thingId: handles[step.thing]!.thingId,
          atMs: base + step.offset + index * 11_987,
          value: String(index),
        })),
      );
    case 'roll': {
      const limits = step.maxReadings === undefined ? {} : { maxReadings: step.maxReadings };
      await rollUp(owner, base + step.offset, limits);
      return;
    }
    case 'forget': {
      const { thingId } = handles[step.thing]!;
      await use((db) => forgetThing(db, placement.orgId, thingId));
      model.remove((reading) => reading.thingId === thingId);
      handles[step.thing] = newThing(placement.orgId, kinds);
      return;
    }
    case 'expire':
      await removeExpired(owner, base + step.offset, 1);
      model.remove(({ atMs }) => atMs < base + step.offset);
  }
}

/** Retention deletes in no order; here it meets writes of what it deletes, which a gateway would refuse. */
function unlessCollided(error: unknown): void {
  if (!(error as Error).message.includes('collided')) throw error;
}

describe('binned series beside writers, roller and retention', () => {
  it('are at every moment what readings say at that moment', async () => {
    const own = await cluster.provision();
    // Sums of doubles depend on the order in which they are added.
    const exact = kinds.filter(
      ({ dataType, defaultAggregation }) => dataType !== 'DOUBLE' || defaultAggregation === 'FIRST',
    );
    const handles = Array.from({ length: 3 }, () => newThing(own.orgId, exact));
    const monday = Date.parse('2026-03-09T00:00:00Z');
    let isOver = false;
    const until = async (work: (round: number) => Promise<unknown>) => {
      for (let round = 0; !isOver; round += 1) await work(round);
    };
    const [random] = fc.sample(fc.infiniteStream(fc.nat(999_999)), 1);
    const next = (below: number) => random!.next().value % below;
    const gateways = [new TelemetryPools(), new TelemetryPools()];
    const writers = gateways.map((gateway) =>
      until((round) => {
        const readings = Array.from({ length: 1 + next(20) }, () => ({
          thingId: handles[next(3)]!.thingId,
          // Every third call is a burst in one hour.
          atMs: monday + (round % 3 === 0 ? 30 * hourMs + next(3_600) * 1_000 : next(spanMs / 600_000) * 600_000),
          value: String(next(1_000)),
        }));
        return gateway.use(own, (db) => writeReadings(db, handles, readings)).catch(unlessCollided);
      }),
    );
    const owners = [
      cluster.provisioner(own.database),
      cluster.provisioner(own.database),
      cluster.provisioner(own.database),
    ];
    const rollers = owners
      .slice(0, 2)
      .map((each) =>
        until((round) => rollUp(each, monday + Math.min(spanMs, round * hourMs), { maxReadings: 1 + next(500) })),
      );
    // Retention goes on by twenty minutes with every tenth question, so that most of them meet a roller at work.
    const expire = (turn: number) => removeExpired(owners[2]!, monday + turn * 120_000, 1);
    let expiring: Promise<unknown> = Promise.resolve();
    const reader = connectAs(own);
    const bins = fc.sample(anyBin, 150);
    let [rolled, stale] = [0, 0];
    try {
      for (const [turn, bin] of bins.entries()) {
        if (turn % 10 === 5) expiring = expiring.then(() => expire(turn));
        await reader.begin('isolation level repeatable read', async (tx) => {
          const sql = tx as unknown as postgres.Sql;
          const database = { orgId: own.orgId, sql, writes: sql, knownWeeks: new Set<number>(), rollups: {} };
          const startMs = monday + next(spanMs);
          const window = { startMs: next(2) === 0 ? monday : startMs, endMs: startMs + 1 + next(spanMs) };
          const read = { database, handles, metrics: exact, window, bin };
          const byReadings = await binnedPoints(read, 'RAW');
          expect([bin, window, await binnedPoints(read)]).toEqual([bin, window, byReadings]);
          // With what is known now, the statement looks for readings in fewer weeks.
          expect([bin, window, await binnedPoints(read)]).toEqual([bin, window, byReadings]);
          const [seen] = await tx<{ rolled: number; stale: number }[]>`
            select count(*) filter (where not is_stale)::int as rolled, count(*) filter (where is_stale)::int as stale
            from telemetry.rollup_hours`;
          rolled = Math.max(rolled, seen!.rolled);
          stale = Math.max(stale, seen!.stale);
        });
      }
    } finally {
      isOver = true;
      await Promise.all([...writers, ...rollers, expiring]);
      await Promise.all([reader.end(), ...owners.map((each) => each.end()), ...gateways.map((each) => each.close())]);
    }
    expect(rolled).toBeGreaterThan(0);
    expect(stale).toBeGreaterThan(0);
  });
});
