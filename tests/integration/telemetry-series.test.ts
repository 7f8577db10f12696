import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Bin } from '../../telemetry/bin.js';
import { ingestFrames } from '../../telemetry/ingest-frames.js';
import { placeSeries } from '../../telemetry/place-series.js';
import { TelemetryPools } from '../../telemetry/pools.js';
import type { SeriesQuery } from '../../telemetry/read-series.js';
import { thingSeries } from '../../telemetry/series.js';
import type { TelemetryDatabase, TelemetryPlacement } from '../../telemetry/telemetry-database.js';
import { issueThingHandle, type ThingHandle } from '../../telemetry/thing-handle.js';
import { expectSeries, type MadeReading } from '../support/expected-bins.js';
import { startTelemetryCluster, type TelemetryCluster } from '../support/telemetry-cluster.js';
import { kinds, writeReadings } from '../support/telemetry-model.js';
import { pointsOf } from '../support/telemetry-points.js';
import { metric, newThing, wideWindow } from '../support/telemetry-things.js';

let cluster: TelemetryCluster;
let placement: TelemetryPlacement;
const pools = new TelemetryPools();
beforeAll(async () => {
  cluster = await startTelemetryCluster();
  placement = await cluster.provision();
});
afterAll(async () => {
  await pools.close();
  await cluster.stop();
});

const use = <Result>(work: (database: TelemetryDatabase) => Promise<Result>) => pools.use(placement, work);
const series = (handle: ThingHandle, query: Partial<SeriesQuery> & Pick<SeriesQuery, 'startMs' | 'endMs'>) =>
  use((db) => thingSeries(db, handle, { oldestMs: 0, ...query }));

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const noon = Date.parse('2026-03-10T12:00:00Z');

/** Writes the same readings for every metric. */
const write = (handles: readonly ThingHandle[], readings: readonly MadeReading[]) =>
  use((db) => writeReadings(db, handles, readings));

/** Days on which clocks change: by an hour, by half an hour, and at midnight (which then comes twice, or never). */
const clockChanges: readonly [zone: string, startOfWindow: string][] = [
  ['America/New_York', '2026-03-07T00:00:00Z'],
  ['America/New_York', '2025-10-31T00:00:00Z'],
  ['Australia/Lord_Howe', '2026-04-03T00:00:00Z'],
  ['Australia/Lord_Howe', '2025-10-03T00:00:00Z'],
  ['Atlantic/Azores', '2025-10-24T00:00:00Z'],
  ['America/Havana', '2025-10-31T00:00:00Z'],
  ['Africa/Cairo', '2026-04-22T00:00:00Z'],
  ['Asia/Kathmandu', '2026-01-05T00:00:00Z'],
  ['UTC', '2026-01-05T00:00:00Z'],
];

describe('binned series', () => {
  it.each(clockChanges)('follows the calendar of %s from %s', async (timeZone, start) => {
    const startMs = Date.parse(start);
    const handle = newThing(placement.orgId, kinds);
    const readings = Array.from({ length: 4 * 96 }, (_, index) => ({
      thingId: handle.thingId,
      atMs: startMs + index * 15 * 60_000,
      value: String(index * 7 - 300),
    }));
    await write([handle], [...readings].reverse());
    for (const value of [1, 2, 3]) {
      const bin: Bin = { unit: 'DAY', value, timeZone };
      expectSeries(await series(handle, { startMs, endMs: startMs + 4 * dayMs, bin }), bin, readings);
    }
  });

  it('has a day of 23 and one of 25 hours in New York', async () => {
    const handle = newThing(placement.orgId, [metric('n', 'INT', 'COUNT')]);
    const days = ['2026-03-08', '2025-11-02'];
    for (const day of days) {
      const from = Date.parse(`${day}T00:00:00Z`);
      await write(
        [handle],
        Array.from({ length: 48 }, (_, index) => ({
          thingId: handle.thingId,
          atMs: from + index * hourMs,
          value: '1',
        })),
      );
    }
    const bin: Bin = { unit: 'DAY', value: 1, timeZone: 'America/New_York' };
    const counts = await Promise.all(
      days.map(async (day) => {
        const startMs = Date.parse(`${day}T00:00:00Z`);
        const [only] = await series(handle, { startMs, endMs: startMs + 2 * dayMs, bin });
        return pointsOf(only!)[1]!.value;
      }),
    );
    expect(counts).toEqual([23, 25]);
  });

  it('agrees with an independent computation for any readings, bins and windows, over one thing and over a place', async () => {
    const bins = fc.oneof(
      fc.record({ unit: fc.constant('MINUTE' as const), value: fc.integer({ min: 1, max: 1_440 }) }),
      fc.record({ unit: fc.constant('HOUR' as const), value: fc.integer({ min: 1, max: 48 }) }),
      fc.record({
        unit: fc.constant('DAY' as const),
        value: fc.integer({ min: 1, max: 40 }),
        timeZone: fc.constantFrom('America/New_York', 'Australia/Lord_Howe', 'UTC', 'Pacific/Apia'),
      }),
    );
    const spanMs = 3 * dayMs;
    const reading = fc.record({
      thing: fc.integer({ min: 0, max: 2 }),
      // Coarse, so that things report at the same instant and readings are written twice.
      offset: fc.integer({ min: 0, max: spanMs / 60_000 }).map((minutes) => minutes * 60_000),
      value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
    });
    const window = fc.tuple(fc.integer({ min: 0, max: spanMs }), fc.integer({ min: 1, max: spanMs }));
    const base = Date.parse('2026-03-07T03:00:00Z');
    await fc.assert(
      fc.asyncProperty(
        fc.array(reading, { maxLength: 60 }),
        bins,
        window,
        fc.nat(spanMs),
        async (made, bin, [from, length], cut) => {
          const handles = Array.from({ length: 3 }, () => newThing(placement.orgId, kinds));
          const all = made.map(({ thing, offset, value }) => ({
            thingId: handles[thing]!.thingId,
            atMs: base + offset,
            value,
          }));
          await write(handles, all);
          const stored = [...new Map(all.map((each) => [`${each.thingId} ${each.atMs}`, each])).values()];
          const query = { startMs: base + from, endMs: base + from + length, oldestMs: base + cut, bin };
          const inside = stored.filter(
            ({ atMs }) => atMs >= Math.max(query.startMs, query.oldestMs) && atMs < query.endMs,
          );
          expectSeries(await use((db) => placeSeries(db, handles, query)), bin, inside);
          const own = inside.filter(({ thingId }) => thingId === handles[0]!.thingId);
          expectSeries(await use((db) => thingSeries(db, handles[0]!, query)), bin, own);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('has no value, and no error, where a sum of doubles leaves their range, and keeps the average', async () => {
    const handle = newThing(placement.orgId, [metric('total', 'DOUBLE', 'SUM'), metric('mean', 'DOUBLE', 'AVG')]);
    const frames = [0, 1, 2].map((index) => ({ timestampMs: noon + index, values: { total: 1e308, mean: 1e308 } }));
    const small = [3, 4].map((index) => ({ timestampMs: noon + hourMs + index, values: { total: 5e-324, mean: 1 } }));
    await use((db) => ingestFrames(db, [{ handle, frames: [...frames, ...small] }], wideWindow()));
    const bin: Bin = { unit: 'HOUR', value: 1 };
    const [total, mean] = await series(handle, { startMs: noon, endMs: noon + dayMs, bin });
    expect(total!.points.values).toEqual([null, 1e-323]);
    expect(mean!.points.values).toEqual([1e308, 1]);
  });

  it('has a mean of zero, and no error, where it leaves the range of doubles on the other side', async () => {
    const handle = newThing(placement.orgId, [metric('mean', 'DOUBLE', 'AVG')]);
    const tiny = [
      [5e-324, 0],
      [5e-324, 5e-324],
      [-5e-324, 0, 0],
    ];
    const frames = tiny.flatMap((values, hour) =>
      values.map((mean, index) => ({ timestampMs: noon + hour * hourMs + index, values: { mean } })),
    );
    await use((db) => ingestFrames(db, [{ handle, frames }], wideWindow()));
    const [mean] = await series(handle, { startMs: noon, endMs: noon + dayMs, bin: { unit: 'HOUR', value: 1 } });
    expect(mean!.points.values).toEqual([0, 5e-324, 0]);
  });

  it('starts a bin before the window where the window begins within it, with the readings of the window only', async () => {
    const handle = newThing(placement.orgId, [metric('n', 'INT', 'SUM')]);
    await write(
      [handle],
      [0, 10, 20].map((minute) => ({ thingId: handle.thingId, atMs: noon + minute * 60_000, value: '1' })),
    );
    const bin: Bin = { unit: 'HOUR', value: 1 };
    const [only] = await series(handle, { startMs: noon + 600_000, endMs: noon + 1_200_000, bin });
    expect(only).toMatchObject({ aggregation: 'SUM', points: { atMs: [noon], values: ['1'], thingIds: null } });
  });

  it('bounds bins before it reads anything', async () => {
    const handle = newThing(placement.orgId, kinds);
    const bin: Bin = { unit: 'MINUTE', value: 1 };
    const within = { startMs: noon, endMs: noon + (50_000 / kinds.length) * 60_000, bin };
    expect(await series(handle, within)).toHaveLength(kinds.length);
    const tooMany = { code: 'TOO_MANY_POINTS' };
    await expect(series(handle, { ...within, endMs: within.endMs + 1 })).rejects.toMatchObject(tooMany);
    const one = { ...within, metrics: ['intSum'], endMs: noon + 10_001 * 60_000 };
    await expect(series(handle, one)).rejects.toMatchObject(tooMany);
  });

  it('refuses a time zone that does not exist', async () => {
    const handle = newThing(placement.orgId, kinds);
    const bin: Bin = { unit: 'DAY', value: 1, timeZone: 'Europe/Nowhere' };
    await expect(series(handle, { startMs: noon, endMs: noon + 1, bin })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
    });
  });
});

describe('raw series', () => {
  const day = { startMs: noon, endMs: noon + dayMs };

  it('spans at most 24 hours, half-open, cut at retention', async () => {
    const handle = newThing(placement.orgId, [metric('n', 'INT')]);
    const offsets = [-1, 0, 1_000, dayMs - 1, dayMs];
    await write(
      [handle],
      offsets.map((offset) => ({ thingId: handle.thingId, atMs: noon + offset, value: '1' })),
    );
    const instants = async (query: Parameters<typeof series>[1]) =>
      (await series(handle, query))[0]!.points.atMs.map((at) => at - noon);
    expect(await instants(day)).toEqual([0, 1_000, dayMs - 1]);
    expect(await instants({ ...day, oldestMs: noon + 1_000 })).toEqual([1_000, dayMs - 1]);
    expect(await instants({ ...day, oldestMs: noon + 2 * dayMs })).toEqual([]);
    await expect(instants({ ...day, endMs: day.endMs + 1 })).rejects.toMatchObject({
      code: 'RAW_WINDOW_TOO_LARGE',
      message: expect.stringContaining('bin: { unit, value }'),
    });
    await expect(instants({ startMs: noon, endMs: noon })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    await expect(instants({ startMs: Number.NaN, endMs: noon })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  });

  it('has at most 10,000 points a series and 50,000 in all', async () => {
    const metrics = Array.from({ length: 6 }, (_, index) => metric(`m${index}`, 'INT'));
    const handle = newThing(placement.orgId, metrics);
    const fill = (id: string, count: number) =>
      use(
        ({ sql }) => sql`
      insert into telemetry.readings (thing_id, metric_id, at, int_value)
      select ${handle.thingId}::uuid, ${id}, ${new Date(noon)} + n * interval '1 second', n from generate_series(1, ${count}::int) n`,
      );
    for (const { id } of metrics.slice(0, 5)) await fill(id, 10_000);
    const full = await series(handle, day);
    expect(full.map(({ points }) => points.atMs.length)).toEqual([10_000, 10_000, 10_000, 10_000, 10_000, 0]);
    await fill(metrics[5]!.id, 1);
    await expect(series(handle, day)).rejects.toMatchObject({ code: 'TOO_MANY_POINTS' });
    await use(
      ({ sql }) => sql`insert into telemetry.readings (thing_id, metric_id, at, int_value)
      values (${handle.thingId}::uuid, ${metrics[0]!.id}, ${new Date(noon)}, 0)`,
    );
    await expect(series(handle, { ...day, metrics: ['m0'] })).rejects.toMatchObject({ code: 'TOO_MANY_POINTS' });
  });

  it('has at most 16 MiB of values', async () => {
    const handle = newThing(placement.orgId, [metric('report', 'JSON'), metric('other', 'JSON')]);
    const fill = (id: string, first: number, count: number) =>
      use(
        ({ sql }) => sql`
      insert into telemetry.readings (thing_id, metric_id, at, json_value)
      select ${handle.thingId}::uuid, ${id}, ${new Date(noon)} + n * interval '1 second', to_json(repeat('x', 16000))::text
      from generate_series(${first}::int, ${first + count - 1}::int) n`,
      );
    for (const { id } of handle.metrics) await fill(id, 1, 500);
    expect((await series(handle, day)).map(({ points }) => points.values.length)).toEqual([500, 500]);
    await fill(handle.metrics[1]!.id, 501, 100);
    await expect(series(handle, day)).rejects.toMatchObject({
      code: 'TOO_MANY_POINTS',
      message: expect.stringContaining('16 MiB'),
    });
  });
});

describe('placeSeries', () => {
  it('tells the thing of each raw reading, in order of time and thing id', async () => {
    const soc = metric('soc', 'INT');
    const things = [newThing(placement.orgId, [soc]), newThing(placement.orgId, [soc])];
    const [low, high] = things.map((thing) => thing.thingId).sort();
    await write(things, [
      { thingId: high!, atMs: noon, value: '1' },
      { thingId: low!, atMs: noon, value: '2' },
      { thingId: high!, atMs: noon - 1, value: '3' },
    ]);
    const query = { startMs: noon - 10, endMs: noon + 10, oldestMs: 0 };
    const [only] = await use((db) => placeSeries(db, things, query));
    expect(pointsOf(only!)).toEqual([
      { atMs: noon - 1, value: '3', thingId: high },
      { atMs: noon, value: '2', thingId: low },
      { atMs: noon, value: '1', thingId: high },
    ]);
  });

  it('reads of each thing the metrics of its own handle only', async () => {
    const [soc, secret] = [metric('soc', 'INT', 'COUNT'), metric('secret', 'INT', 'COUNT')];
    const full = newThing(placement.orgId, [soc, secret]);
    const other = newThing(placement.orgId, [soc, secret]);
    await write(
      [full, other],
      [full, other].map(({ thingId }) => ({ thingId, atMs: noon, value: '1' })),
    );
    const narrow = issueThingHandle({ ...other, metrics: [soc] });
    const query = { startMs: noon, endMs: noon + 1, oldestMs: 0, bin: { unit: 'HOUR', value: 1 } } as const;
    const got = await use((db) => placeSeries(db, [full, narrow], query));
    expect(got.map(({ metric: { name }, points }) => [name, points.values[0]])).toEqual([
      ['soc', 2],
      ['secret', 1],
    ]);
  });

  it('takes at most 20 metrics and only known ones', async () => {
    const metrics = Array.from({ length: 21 }, (_, index) => metric(`m${index}`, 'INT'));
    const things = [newThing(placement.orgId, metrics.slice(0, 11)), newThing(placement.orgId, metrics.slice(11))];
    const query = { startMs: noon, endMs: noon + 1, oldestMs: 0 };
    await expect(use((db) => placeSeries(db, things, query))).rejects.toMatchObject({ code: 'TOO_MANY_METRICS' });
    const twenty = metrics.slice(1).map(({ id }) => id);
    expect(await use((db) => placeSeries(db, things, { ...query, metrics: twenty }))).toHaveLength(20);
    const unknown = { ...query, metrics: ['m0', 'nope'] };
    await expect(use((db) => placeSeries(db, things, unknown))).rejects.toMatchObject({ code: 'UNKNOWN_METRIC' });
  });
});
