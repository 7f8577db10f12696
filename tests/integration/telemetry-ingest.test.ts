import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ingestColumnar } from '../../telemetry/ingest-columnar.js';
import { type FramesOfThing, ingestFrames } from '../../telemetry/ingest-frames.js';
import { latestValues } from '../../telemetry/latest.js';
import { TelemetryPools } from '../../telemetry/pools.js';
import { thingSeries } from '../../telemetry/series.js';
import type { TelemetryDatabase, TelemetryPlacement } from '../../telemetry/telemetry-database.js';
import type { ThingHandle } from '../../telemetry/thing-handle.js';
import { startTelemetryCluster, type TelemetryCluster } from '../support/telemetry-cluster.js';
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
const ingest = (things: FramesOfThing[], window = wideWindow()) => use((db) => ingestFrames(db, things, window));
const noon = Date.parse('2026-03-10T12:00:00Z');

async function rawOf(handle: ThingHandle): Promise<Record<string, [number, unknown][]>> {
  const query = { startMs: noon - 3_600_000, endMs: noon + 3_600_000, oldestMs: 0 };
  const series = await use((db) => thingSeries(db, handle, query));
  return Object.fromEntries(
    series.map((each) => [
      each.metric.name,
      pointsOf(each).map((point): [number, unknown] => [point.atMs - noon, point.value]),
    ]),
  );
}

async function latestOf(handle: ThingHandle): Promise<Record<string, unknown>> {
  const [thing] = await use((db) => latestValues(db, [handle], 0));
  return Object.fromEntries(thing!.values.map(({ metric: { name }, value }) => [name, value]));
}

const faultsOf = async (work: Promise<unknown>) => {
  const error = (await work.then(
    () => new Error('was accepted'),
    (thrown: unknown) => thrown,
  )) as { code?: string; message: string; details?: { errors?: { field: string; reason: string }[] } };
  return { code: error.code, message: error.message, errors: error.details?.errors ?? [] };
};

describe('ingestFrames', () => {
  it('keeps every type as it was sent, and integers in all their 64 bits', async () => {
    const thing = newThing(placement.orgId);
    const values = {
      COUNT: '9223372036854775807',
      power: -0.1,
      mode: 'auto "x" \\ {}, NULL ü🌱',
      online: 'FALSE',
      report: { deep: [1, 'x', null], text: '"\\' },
    };
    const result = await ingest([{ handle: thing, frames: [{ timestampMs: String(noon), values }] }]);
    expect(result).toEqual({
      framesIngested: 1,
      things: [{ thingId: thing.thingId, framesIngested: 1, metrics: ['count', 'Power', 'mode', 'online', 'report'] }],
    });
    const stored = { ...values, online: false };
    expect(await rawOf(thing)).toEqual({
      count: [[0, stored.COUNT]],
      Power: [[0, stored.power]],
      mode: [[0, stored.mode]],
      online: [[0, stored.online]],
      report: [[0, stored.report]],
    });
    expect(await latestOf(thing)).toEqual({
      count: stored.COUNT,
      Power: stored.power,
      mode: stored.mode,
      online: stored.online,
      report: stored.report,
    });
  });

  it('lets the last write win within a call, between calls, and in any order of time', async () => {
    const thing = newThing(placement.orgId);
    const frame = (offsetMs: number, count: number) => ({ timestampMs: noon + offsetMs, values: { count } });
    await ingest([
      { handle: thing, frames: [frame(20, 1), frame(0, 2), frame(20, 3)] },
      { handle: thing, frames: [frame(10, 4), frame(0, 5)] },
    ]);
    expect((await rawOf(thing))['count']).toEqual([
      [0, '5'],
      [10, '4'],
      [20, '3'],
    ]);
    expect(await latestOf(thing)).toEqual({ count: '3' });
    await ingest([{ handle: thing, frames: [frame(10, 6)] }]);
    expect(await latestOf(thing)).toEqual({ count: '3' });
    await ingest([{ handle: thing, frames: [frame(20, 7)] }]);
    expect((await rawOf(thing))['count']).toEqual([
      [0, '5'],
      [10, '6'],
      [20, '7'],
    ]);
    expect(await latestOf(thing)).toEqual({ count: '7' });
  });

  it('takes 10,000 values in one call, and the same call again without changing a row', async () => {
    const metrics = Array.from({ length: 10 }, (_, index) => metric(`m${index}`, index % 2 ? 'INT' : 'DOUBLE'));
    const things = Array.from({ length: 20 }, () => newThing(placement.orgId, metrics));
    const values = Object.fromEntries(metrics.map(({ name }, index) => [name, index]));
    const call = things.map((handle, thing) => ({
      handle,
      // One frame a day: readings in many weeks.
      frames: Array.from({ length: 50 }, (_, day) => ({ timestampMs: noon + thing - day * 86_400_000, values })),
    }));
    const versions = () =>
      use(
        ({ sql }) => sql`
      select count(*)::int as readings, max(xmin::text::bigint)::text as newest from telemetry.readings
      where thing_id = any (${`{${things.map((thing) => thing.thingId).join(',')}}`}::uuid[])`,
      );
    const first = await ingest(call);
    expect(first.framesIngested).toBe(1_000);
    const before = await versions();
    expect(before[0]!['readings']).toBe(10_000);
    expect(await ingest(call)).toEqual(first);
    expect(await versions()).toEqual(before);
  });

  it('keeps calls for the same things apart from each other when they come at once', async () => {
    const things = Array.from({ length: 5 }, () => newThing(placement.orgId));
    const call = (round: number) =>
      [...things]
        .sort(() => Math.random() - 0.5)
        .map((handle) => ({
          handle,
          frames: Array.from({ length: 20 }, (_, at) => ({
            timestampMs: noon + 19 - at,
            values: { count: round, power: round },
          })),
        }));
    await Promise.all(Array.from({ length: 12 }, (_, round) => ingest(call(round))));
    for (const thing of things) {
      const { count, Power } = await rawOf(thing);
      expect(count).toHaveLength(20);
      // One call won as a whole, and `latest` agrees with it.
      expect(new Set(count!.map(([, value]) => Number(value))).size).toBe(1);
      expect(await latestOf(thing)).toEqual({ count: count![0]![1], Power: Power![0]![1] });
    }
  });

  it('writes nothing unless everything is fine, and names every fault', async () => {
    const thing = newThing(placement.orgId);
    const window = { oldestMs: noon - 1_000, newestMs: noon + 1_000 };
    const good = { timestampMs: noon, values: { count: 1 } };
    const { code, errors } = await faultsOf(
      ingest(
        [
          {
            handle: thing,
            frames: [
              good,
              { timestampMs: noon - 1_001, values: { count: 1.5 } },
              { timestampMs: noon + 1_001, values: { power: Number.NaN } },
              { timestampMs: '12.5', values: {} },
              { timestampMs: noon, values: { mode: null, count: 1, COUNT: 2 } },
            ],
          },
          { handle: thing, frames: [] },
        ],
        window,
      ),
    );
    expect(code).toBe('BAD_USER_INPUT');
    expect(errors.map(({ field }) => field)).toEqual([
      'input.things[0].frames[1].timestamp',
      'input.things[0].frames[1].metrics.count',
      'input.things[0].frames[2].timestamp',
      'input.things[0].frames[2].metrics.power',
      'input.things[0].frames[3].timestamp',
      'input.things[0].frames[3].metrics',
      'input.things[0].frames[4].metrics.mode',
      'input.things[0].frames[4].metrics.COUNT',
      'input.things[1].frames',
    ]);
    expect(await rawOf(thing)).toEqual({ count: [], Power: [], mode: [], online: [], report: [] });
  });

  it('takes both ends of the accepted window', async () => {
    const thing = newThing(placement.orgId);
    const frames = [noon - 1_000, noon + 1_000].map((timestampMs) => ({ timestampMs, values: { count: 1 } }));
    await ingest([{ handle: thing, frames }], { oldestMs: noon - 1_000, newestMs: noon + 1_000 });
    expect((await rawOf(thing))['count']).toHaveLength(2);
  });

  it('refuses the whole call for an unknown metric, whatever else is wrong with it', async () => {
    const thing = newThing(placement.orgId);
    const frames = [{ timestampMs: noon, values: { count: 'x', 'no such\n': 1 } }];
    const { code, message, errors } = await faultsOf(ingest([{ handle: thing, frames, field: 'input.batch[7]' }]));
    expect(code).toBe('UNKNOWN_METRIC');
    expect(message).toContain('"no such\\n"');
    expect(errors.map(({ field }) => field)).toEqual([
      'input.batch[7].frames[0].metrics.count',
      'input.batch[7].frames[0].metrics["no such\\n"]',
    ]);
  });

  it('bounds a call and the report of its faults', async () => {
    const thing = newThing(placement.orgId);
    const frames = (count: number, values: Record<string, unknown>) =>
      Array.from({ length: count }, (_, index) => ({ timestampMs: noon + index, values }));
    expect(await faultsOf(ingest([{ handle: thing, frames: frames(1_001, { count: 1 }) }]))).toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringContaining('at most 1000'),
    });
    const wide = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`m${index}`, 1]));
    expect(await faultsOf(ingest([{ handle: thing, frames: frames(1_000, wide) }]))).toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringContaining('at most 10000'),
    });
    expect((await faultsOf(ingest([]))).code).toBe('BAD_USER_INPUT');
    const { message, errors } = await faultsOf(ingest([{ handle: thing, frames: frames(150, { count: 'x' }) }]));
    expect(errors).toHaveLength(100);
    expect(message).toContain('149 more');
  });

  it('throws for a handle of another organization before anything is read', async () => {
    const foreign = newThing(randomUUID());
    await expect(ingest([{ handle: foreign, frames: [] }])).rejects.toThrow('another organization');
  });

  it('makes at most 60 new weeks in a call, and does not count those that another pool has made', async () => {
    const own = await cluster.provision();
    const thing = newThing(own.orgId);
    const weeks = (count: number) => {
      const frames = Array.from({ length: count }, (_, week) => ({
        timestampMs: noon - week * 7 * 86_400_000,
        values: { count: week },
      }));
      return [{ handle: thing, frames }];
    };
    const call = (count: number) => pools.use(own, (db) => ingestFrames(db, weeks(count), wideWindow()));
    const owner = cluster.provisioner(own.database);
    const partitions = async () =>
      (
        await owner`select from pg_inherits i join pg_class c on c.oid = i.inhparent
                                                where c.relname = 'readings' and c.relkind = 'p'`
      ).count;
    expect(await faultsOf(call(61))).toMatchObject({
      code: 'BAD_USER_INPUT',
      message: 'input: spans more than 60 new weeks: send older readings in several calls',
    });
    expect(await partitions()).toBe(0);
    await call(60);
    const other = new TelemetryPools();
    await other.use(own, (db) => ingestFrames(db, weeks(120), wideWindow()));
    await other.close();
    await expect(call(181)).rejects.toMatchObject({ details: { field: 'input' } });
    await call(180);
    expect(await partitions()).toBe(180);
    await owner.end();
  });

  it('makes a week again that retention dropped behind the back of the pool', async () => {
    const thing = newThing(placement.orgId);
    const call = [{ handle: thing, frames: [{ timestampMs: noon, values: { count: 1 } }] }];
    await ingest(call);
    const owner = cluster.provisioner(placement.database);
    await owner`drop table telemetry.readings_20260309`;
    await owner.end();
    await ingest(call);
    expect((await rawOf(thing))['count']).toEqual([[0, '1']]);
  });
});

describe('ingestColumnar', () => {
  const columnar = (handle: ThingHandle, columns: string[], rows: unknown[][]) =>
    use((db) => ingestColumnar(db, [{ handle, columns, rows }], wideWindow()));

  it('writes rows like frames; null is not reported', async () => {
    const thing = newThing(placement.orgId);
    const result = await columnar(
      thing,
      ['MODE', 'Timestamp', 'count'],
      [
        ['on', noon + 5, null],
        [null, noon, '3'],
      ],
    );
    expect(result).toEqual({
      framesIngested: 2,
      things: [{ thingId: thing.thingId, framesIngested: 2, metrics: ['mode', 'count'] }],
    });
    expect(await rawOf(thing)).toMatchObject({ mode: [[5, 'on']], count: [[0, '3']], Power: [] });
  });

  it.each<[string, string[], unknown[][], string[]]>([
    ['no timestamp', ['count', 'mode'], [[1, 'x']], ['columns']],
    ['two timestamps', ['timestamp', 'count', 'TIMESTAMP'], [[noon, 1, noon]], ['columns[2]']],
    ['one column', ['timestamp'], [[noon]], ['columns', 'rows[0]']],
    ['a metric twice', ['timestamp', 'count', 'Count'], [[noon, 1, 2]], ['columns[2]']],
    ['no rows', ['timestamp', 'count'], [], ['rows']],
    ['a short row', ['timestamp', 'count'], [[noon, 1], [noon]], ['rows[1]']],
    ['an empty row', ['timestamp', 'count'], [[noon, null]], ['rows[0]']],
    ['no time and a bad value', ['timestamp', 'count'], [[null, 'x']], ['rows[0][0]', 'rows[0][1]']],
  ])('refuses %s', async (_, columns, rows, fields) => {
    const { code, errors } = await faultsOf(columnar(newThing(placement.orgId), columns, rows));
    expect(code).toBe('BAD_USER_INPUT');
    expect(errors.map(({ field }) => field)).toEqual(fields.map((field) => `input.things[0].${field}`));
  });

  it('refuses an unknown column as a whole', async () => {
    const { code, errors } = await faultsOf(columnar(newThing(placement.orgId), ['timestamp', 'nope'], [[noon, 1]]));
    expect([code, errors[0]?.field]).toEqual(['UNKNOWN_METRIC', 'input.things[0].columns[1]']);
  });
});
