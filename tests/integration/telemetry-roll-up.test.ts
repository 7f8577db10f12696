import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type postgres from 'postgres';
import { packageRoot } from '../../db/package-root.js';
import { binnedPoints } from '../../telemetry/binned-points.js';
import { forgetThing } from '../../telemetry/forget-thing.js';
import { ingestFrames } from '../../telemetry/ingest-frames.js';
import { isBehind, migrateSchema } from '../../telemetry/migrate-schema.js';
import { TelemetryPools } from '../../telemetry/pools.js';
import { removeExpired } from '../../telemetry/retention.js';
import { rollUp } from '../../telemetry/roll-up.js';
import { thingSeries } from '../../telemetry/series.js';
import type { TelemetryDatabase, TelemetryPlacement } from '../../telemetry/telemetry-database.js';
import type { ThingHandle } from '../../telemetry/thing-handle.js';
import { connectAs, startTelemetryCluster, type TelemetryCluster } from '../support/telemetry-cluster.js';
import { kinds, writeReadings } from '../support/telemetry-model.js';
import { metric, newThing, wideWindow } from '../support/telemetry-things.js';

let cluster: TelemetryCluster;
const pools = new TelemetryPools();
beforeAll(async () => {
  cluster = await startTelemetryCluster();
});
afterAll(async () => {
  await pools.close();
  await cluster.stop();
});

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const monday = Date.parse('2026-03-09T00:00:00Z');

/** A new telemetry database, and its owner. */
async function newDatabase() {
  const placement = await cluster.provision();
  const owner = cluster.provisioner(placement.database);
  const use = <Result>(work: (database: TelemetryDatabase) => Promise<Result>) => pools.use(placement, work);
  return { placement, owner, use };
}

const every = (stepMs: number, count: number, thing: ThingHandle, from = monday) =>
  Array.from({ length: count }, (_, index) => ({
    thingId: thing.thingId,
    atMs: from + index * stepMs,
    value: String(index),
  }));

async function countOf(owner: postgres.Sql, what: string): Promise<number> {
  const [row] = await owner.unsafe<{ count: number }[]>(`select count(*)::int as count from ${what}`);
  return row!.count;
}

describe('rollUp', () => {
  it('makes minutes only of hours with many readings, and does nothing the second time', async () => {
    const { placement, owner, use } = await newDatabase();
    const thing = newThing(placement.orgId, [metric('n', 'INT', 'SUM')]);
    await use((db) => writeReadings(db, [thing], every(15_000, 240, thing)));
    await use((db) => writeReadings(db, [thing], every(60_000, 60, thing, monday + hourMs)));
    expect(await rollUp(owner, monday + dayMs)).toEqual({ readings: 300, isDone: true });
    expect(await countOf(owner, 'telemetry.rollup_hours where has_minutes')).toBe(1);
    expect(await countOf(owner, 'telemetry.rollup_hours')).toBe(2);
    expect(await countOf(owner, 'telemetry.rollup_minutes')).toBe(60);
    expect(await countOf(owner, 'telemetry.rollup_days')).toBe(1);
    expect(await rollUp(owner, monday + dayMs)).toEqual({ readings: 0, isDone: true });
    await owner.end();
  });

  it('repairs a day of which one series was rolled up beside a stale hour, and the run then ended', async () => {
    const { placement, owner, use } = await newDatabase();
    const things = Array.from({ length: 12 }, () => newThing(placement.orgId, [metric('n', 'INT', 'SUM')]));
    for (const thing of things) await use((db) => writeReadings(db, [thing], every(hourMs, 24, thing)));
    await rollUp(owner, monday + 6 * hourMs);
    for (const handle of things) {
      const frames = [{ timestampMs: monday + 5 * hourMs + 1, values: { n: 100 } }];
      await use((db) => ingestFrames(db, [{ handle, frames }], wideWindow()));
    }
    // Ends in the middle of the day, after one step of each kind.
    expect(await rollUp(owner, monday + dayMs, { maxReadings: 1 })).toMatchObject({ isDone: false });
    for (let runs = 0; runs < 2; runs += 1) await rollUp(owner, monday + dayMs);
    const window = { startMs: monday, endMs: monday + dayMs, oldestMs: monday - dayMs };
    const sums = await Promise.all(
      things.map((thing) =>
        use((db) => thingSeries(db, thing, { ...window, bin: { unit: 'DAY', value: 1 } })).then(
          ([only]) => only!.points.values[0],
        ),
      ),
    );
    expect(sums).toEqual(things.map(() => String((23 * 24) / 2 + 100)));
    await owner.end();
  });

  it('is told by writes of the past what has to be computed again, and by live ones nothing', async () => {
    const { placement, owner, use } = await newDatabase();
    const thing = newThing(placement.orgId, [metric('n', 'INT', 'SUM'), metric('m', 'INT', 'SUM')]);
    await rollUp(owner, monday + 2 * hourMs);
    const at = async (...offsets: number[]) => {
      const frames = offsets.map((offset) => ({ timestampMs: monday + offset, values: { n: 1 } }));
      await use((db) => ingestFrames(db, [{ handle: thing, frames }], wideWindow()));
    };
    await at(2 * hourMs, 3 * hourMs);
    expect(await countOf(owner, 'telemetry.rollup_hours')).toBe(0);
    await at(2 * hourMs - 1, hourMs, hourMs + 1, 2 * hourMs + 1);
    expect(await countOf(owner, 'telemetry.rollup_hours where is_stale')).toBe(1);
    expect(await rollUp(owner, monday + 2 * hourMs)).toEqual({ readings: 3, isDone: true });
    expect(await countOf(owner, 'telemetry.rollup_hours where not is_stale')).toBe(1);
    await owner.end();
  });

  it('goes on where it was interrupted, day by day', async () => {
    const { placement, owner, use } = await newDatabase();
    const thing = newThing(placement.orgId, [metric('n', 'INT', 'SUM')]);
    await use((db) => writeReadings(db, [thing], every(hourMs, 4 * 24, thing)));
    const rolled = async () => (await owner<{ at: Date }[]>`select rolled as at from telemetry.rollup_state`)[0]!.at;
    const seen = [];
    for (let runs = 0; runs < 10; runs += 1) {
      const { isDone } = await rollUp(owner, monday + 4 * dayMs, { maxReadings: 24 });
      seen.push((await rolled()).getTime());
      if (isDone) break;
    }
    expect(seen.length).toBeGreaterThan(2);
    expect(seen).toEqual([...seen].sort());
    expect(seen.at(-1)).toBe(monday + 4 * dayMs);
    const stopped = AbortSignal.abort();
    await use((db) => writeReadings(db, [thing], every(hourMs, 24, thing)));
    expect((await rollUp(owner, monday + 4 * dayMs, { signal: stopped })).isDone).toBe(false);
    await owner.end();
  });

  it('keeps first and last values of all types', async () => {
    const { placement, owner, use } = await newDatabase();
    const values = {
      INT: ['9223372036854775807', '-9007199254740993'],
      DOUBLE: [-0.1, 5e-324],
      BOOL: [true, false],
      STRING: ['a,"\\\n{}', 'NULL ü🌱'],
      JSON: [{ deep: [1, ','] }, ['"', null]],
    } as const;
    const types = Object.keys(values) as (keyof typeof values)[];
    const metrics = types.flatMap((type) => [metric(`${type}_f`, type, 'FIRST'), metric(`${type}_l`, type, 'LAST')]);
    const thing = newThing(placement.orgId, metrics);
    const frame = (index: 0 | 1) => ({
      timestampMs: monday + index,
      values: Object.fromEntries(metrics.map(({ name, dataType }) => [name, values[dataType][index]])),
    });
    await use((db) => ingestFrames(db, [{ handle: thing, frames: [frame(0), frame(1)] }], wideWindow()));
    const answers = async () => {
      const query = { startMs: monday, endMs: monday + dayMs, oldestMs: 0, bin: { unit: 'HOUR', value: 1 } } as const;
      return (await use((db) => thingSeries(db, thing, query))).map(({ points }) => points.values[0]);
    };
    const expected = types.flatMap((type) => [...values[type]]);
    expect(await answers()).toEqual(expected);
    await rollUp(owner, monday + dayMs);
    expect(await answers()).toEqual(expected);
    await owner.end();
  });

  it('leaves nothing of a thing that was forgotten', async () => {
    const { placement, owner, use } = await newDatabase();
    const [gone, kept] = [newThing(placement.orgId, kinds), newThing(placement.orgId, kinds)];
    for (const thing of [gone, kept]) await use((db) => writeReadings(db, [thing], every(10_000, 300, thing)));
    await rollUp(owner, monday + dayMs);
    await use((db) => forgetThing(db, placement.orgId, gone.thingId));
    await rollUp(owner, monday + dayMs);
    for (const table of ['readings', 'rollup_minutes', 'rollup_hours', 'rollup_days']) {
      expect([table, await countOf(owner, `telemetry.${table} where thing_id = '${gone.thingId}'`)]).toEqual([
        table,
        0,
      ]);
      expect(await countOf(owner, `telemetry.${table}`)).toBeGreaterThan(0);
    }
    await owner.end();
  });

  it('removes rollups with the readings that have expired', async () => {
    const { placement, owner, use } = await newDatabase();
    const thing = newThing(placement.orgId, [metric('n', 'INT', 'SUM')]);
    await use((db) => writeReadings(db, [thing], every(hourMs / 2, 20 * 48, thing)));
    await rollUp(owner, monday + 30 * dayMs);
    await removeExpired(owner, monday + 10 * dayMs + hourMs / 4, 1);
    await rollUp(owner, monday + 30 * dayMs);
    expect(await countOf(owner, 'telemetry.rollup_hours')).toBe(10 * 24);
    expect(
      await countOf(owner, `telemetry.rollup_hours where at < '${new Date(monday + 10 * dayMs).toISOString()}'`),
    ).toBe(0);
    expect(
      await countOf(owner, `telemetry.rollup_days where at < '${new Date(monday + 10 * dayMs).toISOString()}'`),
    ).toBe(0);
    const [cut] = await owner`select readings from telemetry.rollup_hours order by at limit 1`;
    expect(cut).toEqual({ readings: 1 });
    await owner.end();
  });
});

describe('the plan of a year in hours', () => {
  it('reads rollups by their key and no week of readings', async () => {
    const { placement, owner, use } = await newDatabase();
    const thing = newThing(placement.orgId, [metric('n', 'DOUBLE', 'AVG'), metric('l', 'DOUBLE', 'LAST')]);
    const weeks = Array.from({ length: 50 }, (_, week) => monday - week * 7 * dayMs);
    const frames = weeks.map((timestampMs) => ({ timestampMs, values: { n: 1, l: 1 } }));
    await use((db) => ingestFrames(db, [{ handle: thing, frames }], wideWindow()));
    await rollUp(owner, monday + dayMs);
    await owner`insert into telemetry.rollup_hours (thing_id, metric_id, at, readings, first_at, last_at, plain_sum)
      select gen_random_uuid(), 'mdef_n', date_trunc('hour', now()) - n * interval '1 hour', 1, now(), now(), 1
      from generate_series(1, 50000) n`;
    await owner.unsafe('analyze telemetry.rollup_hours');
    const statements: string[] = [];
    const parameters: unknown[][] = [];
    const sql = connectAs(placement, {
      onStatement: (text, values) => {
        statements.push(text);
        parameters.push(values);
      },
    });
    const database = { orgId: placement.orgId, sql, writes: sql, knownWeeks: new Set<number>(), rollups: {} };
    const window = { startMs: monday - 350 * dayMs, endMs: monday + hourMs };
    const read = {
      database,
      handles: [thing],
      metrics: thing.metrics,
      window,
      bin: { unit: 'HOUR', value: 1 },
    } as const;
    // The second time it is known up to where hours are rolled up.
    await binnedPoints(read);
    const first = statements.length;
    await binnedPoints(read);
    expect([first, statements.length]).toEqual([2, 4]);
    for (const index of [2, 3]) {
      const rows = await sql.unsafe(`explain ${statements[index]}`, parameters[index] as never[]);
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan).toMatch(/(Index|Bitmap Index) Scan (using|on) rollup_hours_pkey/);
      expect(plan).not.toContain('Seq Scan on rollup_hours');
      expect(plan).not.toMatch(/Seq Scan on readings/);
      expect(new Set(plan.match(/readings_\d{8} /g))?.size ?? 0).toBeLessThanOrEqual(2);
    }
    await Promise.all([sql.end(), owner.end()]);
  });
});

describe('a database of an older version', () => {
  it('is not ready until it is migrated, and keeps what it has', async () => {
    const placement = await cluster.provision();
    const owner = cluster.provisioner(placement.database);
    await toVersionFour(owner, placement);
    const thing = newThing(placement.orgId, [metric('n', 'INT', 'SUM')]);
    const frames = [{ timestampMs: monday, values: { n: 1 } }];
    const write = () => pools.use(placement, (db) => ingestFrames(db, [{ handle: thing, frames }], wideWindow()));
    const query = { startMs: monday, endMs: monday + dayMs, oldestMs: 0, bin: { unit: 'DAY', value: 1 } } as const;
    const read = () => pools.use(placement, (db) => thingSeries(db, thing, query));
    for (const work of [write, read]) {
      await expect(work()).rejects.toMatchObject({ code: 'TELEMETRY_PROVISIONING', details: { retryAfterMs: 2_000 } });
    }
    await owner`insert into telemetry.readings (thing_id, metric_id, at, int_value)
                values (${thing.thingId}::uuid, 'mdef_n', ${new Date(monday + 1)}, 5)`;
    await owner`insert into telemetry.latest (thing_id, metric_id, at, int_value)
                values (${thing.thingId}::uuid, 'mdef_n', ${new Date(monday + 1)}, 5)`;
    expect(await isBehind(owner)).toBe(true);
    expect(await migrateSchema(owner, placement.role)).toEqual(['0005_rollups.sql']);
    expect(await isBehind(owner)).toBe(false);
    await write();
    expect((await read())[0]?.points.values).toEqual(['6']);
    expect(await rollUp(owner, monday + dayMs)).toEqual({ readings: 2, isDone: true });
    expect((await read())[0]?.points.values).toEqual(['6']);
    await owner.end();
  });

  it('is not touched where a file that has run was edited', async () => {
    const { owner, placement } = await newDatabase();
    await owner`update telemetry.migrations set digest = 'x' where name = '0005_rollups.sql'`;
    await expect(isBehind(owner)).rejects.toThrow('was edited after it had run');
    await expect(migrateSchema(owner, placement.role)).rejects.toThrow('was edited after it had run');
    await owner.end();
  });
});

/** Puts a database back to what the files up to 0004 make. */
async function toVersionFour(owner: postgres.Sql, { role }: TelemetryPlacement): Promise<void> {
  const folder = join(packageRoot, 'telemetry', 'migrations');
  const files = readdirSync(folder)
    .filter((name) => name < '0005')
    .sort();
  await owner.begin(async (tx) => {
    const done = await tx`select name, digest from telemetry.migrations where name < '0005' order by 1`;
    await tx`drop schema telemetry cascade`;
    await tx`create schema telemetry`;
    await tx`create table telemetry.migrations (name text primary key, digest text not null, applied_at timestamptz default now())`;
    for (const name of files) await tx.unsafe(readFileSync(join(folder, name), 'utf8')).simple();
    for (const row of done)
      await tx`insert into telemetry.migrations (name, digest) values (${row['name']}, ${row['digest']})`;
    await tx`grant usage on schema telemetry to ${tx(role)}`;
    await tx`grant select, insert, update on telemetry.readings, telemetry.latest to ${tx(role)}`;
    await tx`grant execute on all functions in schema telemetry to ${tx(role)}`;
    await tx`select telemetry.ensure_weeks(array[${new Date(monday)}::timestamptz])`;
  });
}
