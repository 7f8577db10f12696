import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { forgetThing } from '../../telemetry/forget-thing.js';
import { ingestFrames } from '../../telemetry/ingest-frames.js';
import { latestValues } from '../../telemetry/latest.js';
import { TelemetryPools } from '../../telemetry/pools.js';
import { type RecentEventsQuery, recentEvents } from '../../telemetry/recent-events.js';
import { removeExpired } from '../../telemetry/retention.js';
import type { TelemetryDatabase, TelemetryPlacement } from '../../telemetry/telemetry-database.js';
import type { ThingHandle } from '../../telemetry/thing-handle.js';
import { until } from '../support/bulkhead-process.js';
import { connectAs, startTelemetryCluster, type TelemetryCluster } from '../support/telemetry-cluster.js';
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
const dayMs = 86_400_000;
const noon = Date.parse('2026-03-10T12:00:00Z');
const metrics = [metric('soc', 'INT'), metric('mode', 'STRING')];

async function write(handle: ThingHandle, readings: readonly [atMs: number, values: Record<string, unknown>][]) {
  const frames = readings.map(([timestampMs, values]) => ({ timestampMs, values }));
  await use((db) => ingestFrames(db, [{ handle, frames }], wideWindow()));
}

describe('recentEvents', () => {
  const events = async (handle: ThingHandle, query: Partial<RecentEventsQuery> = {}) => {
    const found = await use((db) => recentEvents(db, handle, { cutoffMs: noon, oldestMs: 0, ...query }));
    return found.map(({ atMs, values }) => [atMs - noon, ...values.map((each) => `${each.metric.name}=${each.value}`)]);
  };

  it('groups the values of one instant, newest first, within the window', async () => {
    const handle = newThing(placement.orgId, metrics);
    await write(handle, [
      [noon - dayMs - 1, { soc: 0 }],
      [noon - dayMs, { soc: 1 }],
      [noon - 20, { mode: 'a', soc: 2 }],
      [noon - 10, { mode: 'b' }],
      [noon - 1, { soc: 3 }],
      [noon, { soc: 4 }],
    ]);
    expect(await events(handle)).toEqual([
      [-1, 'soc=3'],
      [-10, 'mode=b'],
      [-20, 'soc=2', 'mode=a'],
      [-dayMs, 'soc=1'],
    ]);
    expect(await events(handle, { limit: 2 })).toEqual([
      [-1, 'soc=3'],
      [-10, 'mode=b'],
    ]);
    expect(await events(handle, { metrics: ['MODE'] })).toEqual([
      [-10, 'mode=b'],
      [-20, 'mode=a'],
    ]);
    expect(await events(handle, { lookbackDays: 2 })).toHaveLength(5);
    expect(await events(handle, { oldestMs: noon - 10 })).toHaveLength(2);
    expect(await events(handle, { oldestMs: noon })).toEqual([]);
  });

  it('gives ten events by default, over the borders of weeks', async () => {
    const handle = newThing(placement.orgId, metrics);
    await write(
      handle,
      Array.from({ length: 25 }, (_, day) => [noon - 1 - day * dayMs, { soc: day }]),
    );
    expect(await events(handle, { lookbackDays: 30 })).toEqual(
      Array.from({ length: 10 }, (_, day) => [-1 - day * dayMs, `soc=${day}`]),
    );
  });

  it.each<[Partial<RecentEventsQuery>, string]>([
    [{ limit: 0 }, 'BAD_USER_INPUT'],
    [{ limit: 1_001 }, 'BAD_USER_INPUT'],
    [{ lookbackDays: 31 }, 'BAD_USER_INPUT'],
    [{ lookbackDays: 0.5 }, 'BAD_USER_INPUT'],
    [{ cutoffMs: Number.NaN }, 'BAD_USER_INPUT'],
    [{ metrics: ['nope'] }, 'UNKNOWN_METRIC'],
  ])('refuses %j', async (query, code) => {
    await expect(events(newThing(placement.orgId, metrics), query)).rejects.toMatchObject({ code });
  });
});

describe('the cutoff of recentEvents', () => {
  it.each([Number.NaN, Date.parse('+010000-01-01T00:00:00Z'), Date.parse('-010000-01-01T00:00:00Z')])(
    'is what is named where it is %p',
    async (cutoffMs) => {
      const refused = use((db) => recentEvents(db, newThing(placement.orgId, metrics), { cutoffMs, oldestMs: 0 }));
      await expect(refused).rejects.toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'cutoff' } });
    },
  );
});

describe('latestValues', () => {
  it('answers many things at once, in order, each with the metrics of its handle', async () => {
    const [soc, mode] = metrics;
    const things = [
      newThing(placement.orgId, [mode!, soc!]),
      newThing(placement.orgId, [soc!]),
      newThing(placement.orgId),
    ];
    await write(things[0]!, [
      [noon, { soc: 1 }],
      [noon - 5, { soc: 0, mode: 'on' }],
    ]);
    await write(things[1]!, [[noon - 10, { soc: 7 }]]);
    const found = await use((db) => latestValues(db, things, noon - 5));
    expect(found).toEqual([
      {
        thingId: things[0]!.thingId,
        values: [
          { metric: mode, atMs: noon - 5, value: 'on' },
          { metric: soc, atMs: noon, value: '1' },
        ],
      },
      { thingId: things[1]!.thingId, values: [] },
      { thingId: things[2]!.thingId, values: [] },
    ]);
    expect(await use((db) => latestValues(db, [], 0))).toEqual([]);
    await expect(use((db) => latestValues(db, [newThing(randomUUID())], 0))).rejects.toThrow('another organization');
  });
});

describe('forgetThing', () => {
  it('removes all of one thing in bounded steps and nothing of another', async () => {
    const [gone, kept] = [newThing(placement.orgId, metrics), newThing(placement.orgId, metrics)];
    for (const handle of [gone, kept])
      await write(handle, [
        [noon, { soc: 1 }],
        [noon - 60 * dayMs, { soc: 1 }],
      ]);
    await use(
      ({ sql }) => sql`
      insert into telemetry.readings (thing_id, metric_id, at, int_value)
      select ${gone.thingId}::uuid, 'mdef_soc', ${new Date(noon)} + n * interval '1 second', n
      from generate_series(1, 30000) n`,
    );
    expect(await use((db) => forgetThing(db, placement.orgId, gone.thingId))).toBe(30_002);
    expect(await use((db) => forgetThing(db, placement.orgId, gone.thingId))).toBe(0);
    const left = await use(
      ({ sql }) => sql`
      select count(*)::int as readings, (select count(*)::int from telemetry.latest l where l.thing_id = r.thing_id) as latest
      from telemetry.readings r where thing_id in (${gone.thingId}, ${kept.thingId}) group by thing_id`,
    );
    expect(left.map((row) => ({ ...row }))).toEqual([{ readings: 2, latest: 1 }]);
    await expect(use((db) => forgetThing(db, randomUUID(), kept.thingId))).rejects.toThrow('another organization');
  });
});

describe('forgetThing beside ingest', () => {
  const rowsOf = ({ thingId }: ThingHandle) =>
    use(async ({ sql }) => {
      const [row] = await sql`
        select (select count(*)::int from telemetry.readings where thing_id = ${thingId}::uuid) as readings,
               (select count(*)::int from telemetry.latest where thing_id = ${thingId}::uuid) as latest`;
      return { ...row };
    });

  it.each([1, 2, 3])('leaves nothing behind and lets nothing in afterwards (round %i)', async () => {
    const [gone, kept] = [newThing(placement.orgId, metrics), newThing(placement.orgId, metrics)];
    // Writers of other gateways have pools of their own.
    const writers = Array.from({ length: 3 }, () => new TelemetryPools());
    let written = 0;
    const keepWriting = async (writer: TelemetryPools, first: number): Promise<unknown> => {
      const stopMs = Date.now() + 120_000;
      for (let atMs = noon + first; Date.now() < stopMs; atMs -= dayMs) {
        const frames = [{ timestampMs: atMs, values: { soc: 1, mode: 'on' } }];
        try {
          await writer.use(placement, (db) => ingestFrames(db, [{ handle: gone, frames }], wideWindow()));
          written += 1;
        } catch (error) {
          return error;
        }
      }
      return new Error('the thing took readings to the end');
    };
    const writing = writers.flatMap((writer, index) => [keepWriting(writer, index), keepWriting(writer, index + 10)]);
    await until('some readings', async () => ((await rowsOf(gone)) && written >= 20 ? true : undefined));
    expect(await use((db) => forgetThing(db, placement.orgId, gone.thingId))).toBeGreaterThan(0);
    const endings = await Promise.all(writing);
    for (const ending of endings) expect(ending).toMatchObject({ code: 'NOT_FOUND', message: 'thing not found' });
    expect(await rowsOf(gone)).toEqual({ readings: 0, latest: 0 });
    await expect(write(gone, [[noon, { soc: 1 }]])).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const both = [kept, gone].map((handle) => ({ handle, frames: [{ timestampMs: noon, values: { soc: 1 } }] }));
    await expect(use((db) => ingestFrames(db, both, wideWindow()))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await rowsOf(kept)).toEqual({ readings: 0, latest: 0 });
    await write(kept, [[noon, { soc: 1 }]]);
    expect(await rowsOf(kept)).toEqual({ readings: 1, latest: 1 });
    await Promise.all(writers.map((writer) => writer.close()));
  });

  it('waits for a call that has passed the gate and is not committed', async () => {
    const gone = newThing(placement.orgId, metrics);
    await write(gone, [[noon, { soc: 1 }]]);
    const slow = connectAs(placement);
    const forgetting = await slow.begin(async (tx) => {
      await tx`select telemetry.begin_write(array[${gone.thingId}::uuid])`;
      const pending = use((db) => forgetThing(db, placement.orgId, gone.thingId));
      await until('the removal to wait', async () => {
        const [waiting] = await cluster.admin`
          select from pg_locks l join pg_database d on d.oid = l.database
          where d.datname = ${placement.database} and l.locktype = 'advisory' and not l.granted`;
        return waiting;
      });
      await tx`insert into telemetry.readings (thing_id, metric_id, at, int_value)
               values (${gone.thingId}::uuid, 'mdef_soc', ${new Date(noon - 1)}, 2)`;
      return { pending };
    });
    expect(await forgetting.pending).toBe(2);
    expect(await rowsOf(gone)).toEqual({ readings: 0, latest: 0 });
    await slow.end();
  });
});

describe('removeExpired', () => {
  const count = (handle: ThingHandle) =>
    use(async ({ sql }) => {
      const [row] = await sql<{ readings: number; latest: number }[]>`
        select (select count(*)::int from telemetry.readings where thing_id = ${handle.thingId}::uuid) as readings,
               (select count(*)::int from telemetry.latest where thing_id = ${handle.thingId}::uuid) as latest`;
      return { ...row };
    });

  it('drops whole weeks, cuts the week of the cut-off exactly, and finds nothing the second time', async () => {
    const own = await cluster.provision();
    const handle = newThing(own.orgId, metrics);
    const wednesday = Date.parse('2026-01-07T10:00:00Z');
    const frames = [-15 * dayMs, -8 * dayMs, -1, 0, 1].map((offset) => ({
      timestampMs: wednesday + offset,
      values: offset === -8 * dayMs ? { mode: 'x' } : { soc: 1 },
    }));
    await pools.use(own, (db) => ingestFrames(db, [{ handle, frames }], wideWindow()));
    const owner = cluster.provisioner(own.database);
    expect(await removeExpired(owner, wednesday, 1)).toEqual({
      partitionsDropped: 2,
      readingsDropped: 2,
      readingsDeleted: 1,
      latestDeleted: 1,
      rollupsDeleted: 0,
    });
    expect(await removeExpired(owner, wednesday, 1)).toEqual({
      partitionsDropped: 0,
      readingsDropped: 0,
      readingsDeleted: 0,
      latestDeleted: 0,
      rollupsDeleted: 0,
    });
    const monday = Date.parse('2026-01-12T00:00:00Z');
    expect((await removeExpired(owner, monday - 1, 1)).partitionsDropped).toBe(0);
    expect((await removeExpired(owner, monday, 1)).partitionsDropped).toBe(1);
    await owner.end();
  });

  it('removes nothing that its retention keeps, and knows no absurd retention', async () => {
    const handle = newThing(placement.orgId, metrics);
    await write(handle, [[Date.now() - 1_000, { soc: 1 }]]);
    const owner = cluster.provisioner(placement.database);
    for (const cutoff of [Date.now(), Date.now() - dayMs + 360_000, Date.now() + 400 * dayMs]) {
      await expect(removeExpired(owner, cutoff, 1)).rejects.toThrow('later than the retention allows');
    }
    for (const days of [0, -1, 1e9, 0.5, Number.NaN]) {
      await expect(removeExpired(owner, 0, days)).rejects.toThrow('there is no retention but of 1 to 3650 days');
    }
    await expect(removeExpired(owner, Date.now() - 2 * dayMs, 3)).rejects.toThrow('later than the retention allows');
    await removeExpired(owner, Date.now() - dayMs - 1_000, 1);
    expect(await count(handle)).toEqual({ readings: 1, latest: 1 });
    await owner.end();
  });
});
