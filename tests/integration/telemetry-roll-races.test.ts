import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type postgres from 'postgres';
import { ingestFrames } from '../../telemetry/ingest-frames.js';
import { TelemetryPools } from '../../telemetry/pools.js';
import { removeExpired } from '../../telemetry/retention.js';
import { rollUp } from '../../telemetry/roll-up.js';
import { thingSeries } from '../../telemetry/series.js';
import type { TelemetryPlacement } from '../../telemetry/telemetry-database.js';
import type { ThingHandle } from '../../telemetry/thing-handle.js';
import { connectAs, startTelemetryCluster, type TelemetryCluster } from '../support/telemetry-cluster.js';
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

let placement: TelemetryPlacement;
let owner: postgres.Sql;
let slow: postgres.Sql;
let thing: ThingHandle;

/** A new database in which a thing has one reading in each hour of two days. */
async function twoDays(): Promise<void> {
  placement = await cluster.provision();
  owner = cluster.provisioner(placement.database);
  slow = connectAs(placement);
  thing = newThing(placement.orgId, [metric('n', 'INT', 'SUM')]);
  const frames = Array.from({ length: 48 }, (_, hour) => ({ timestampMs: monday + hour * hourMs, values: { n: 1 } }));
  await pools.use(placement, (db) => ingestFrames(db, [{ handle: thing, frames }], wideWindow()));
}

const end = () => Promise.all([owner.end(), slow.end()]);

/** The sums of both days, in bins of a day and of an hour. */
async function sums(): Promise<{ days: unknown[]; total: number }> {
  const query = { startMs: monday, endMs: monday + 2 * dayMs, oldestMs: 0 };
  const read = async (unit: 'DAY' | 'HOUR') => {
    const [only] = await pools.use(placement, (db) => thingSeries(db, thing, { ...query, bin: { unit, value: 1 } }));
    return only!.points.values;
  };
  const hours = await read('HOUR');
  return { days: [...(await read('DAY'))], total: hours.reduce((sum: number, value) => sum + Number(value), 0) };
}

/** What an ingest does within its transaction: the gate, a reading, and the mark if the hour is rolled up or about to be. */
async function write(tx: postgres.TransactionSql, atMs: number): Promise<void> {
  const hour = new Date(Math.floor(atMs / hourMs) * hourMs);
  await tx`select telemetry.begin_write(array[${thing.thingId}::uuid])`;
  await tx`insert into telemetry.readings (thing_id, metric_id, at, int_value)
           values (${thing.thingId}::uuid, 'mdef_n', ${new Date(atMs)}, 100)`;
  await tx`insert into telemetry.rollup_hours as h (thing_id, metric_id, at, is_stale)
           select ${thing.thingId}::uuid, 'mdef_n', ${hour}, true
           from telemetry.rollup_state where ${hour} < closing
           on conflict (thing_id, metric_id, at) do update set is_stale = true where not h.is_stale`;
}

async function untilWaiting(application: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const waiting = await cluster.admin`
      select from pg_stat_activity
      where datname = ${placement.database} and application_name = ${application} and wait_event_type = 'Lock'`;
    if (waiting.length > 0) return;
    if (Date.now() > deadline) throw new Error('nobody waits');
  }
}

describe('a write that is not committed', () => {
  it('keeps its hour from being closed', async () => {
    await twoDays();
    await slow.begin(async (tx) => {
      await write(tx, monday + 5 * hourMs + 1);
      expect(await rollUp(owner, monday + 2 * dayMs)).toEqual({ readings: 0, isDone: true });
    });
    expect(await rollUp(owner, monday + 2 * dayMs)).toEqual({ readings: 49, isDone: true });
    expect(await sums()).toEqual({ days: ['124', '24'], total: 148 });
    await end();
  });

  it('is not lost where its hour is rolled up for the first time', async () => {
    await twoDays();
    // Closes all hours and rolls up none.
    await rollUp(owner, monday + 2 * dayMs, { signal: AbortSignal.abort() });
    await owner`update telemetry.rollup_state 
      set rolled = ${new Date(monday)}, rolling_to = null, done_thing = default, done_metric = default`;
    await owner`delete from telemetry.rollup_hours`;
    const rolling = await slow.begin(async (tx) => {
      await write(tx, monday + 5 * hourMs + 1);
      const run = rollUp(owner, monday + 2 * dayMs);
      await untilWaiting('bulkhead-provisioner');
      return { run };
    });
    await rolling.run;
    expect(await sums()).toEqual({ days: ['124', '24'], total: 148 });
    await rollUp(owner, monday + 2 * dayMs);
    expect(await sums()).toEqual({ days: ['124', '24'], total: 148 });
    await end();
  });

  it('is not lost where its hour is computed again', async () => {
    await twoDays();
    await rollUp(owner, monday + 2 * dayMs);
    await slow.begin((tx) => write(tx, monday + 5 * hourMs + 1));
    await slow.begin(async (tx) => {
      await write(tx, monday + 5 * hourMs + 2);
      await tx`select from telemetry.rollup_hours where at = ${new Date(monday + 5 * hourMs)} for update`;
      expect(await rollUp(owner, monday + 2 * dayMs)).toEqual({ readings: 0, isDone: true });
    });
    expect(await sums()).toEqual({ days: ['224', '24'], total: 248 });
    expect(await rollUp(owner, monday + 2 * dayMs)).toEqual({ readings: 3, isDone: true });
    expect(await sums()).toEqual({ days: ['224', '24'], total: 248 });
    await end();
  });
});

describe('retention that is interrupted', () => {
  it('leaves answers as readings say, and is finished by the next run', async () => {
    await twoDays();
    await rollUp(owner, monday + 2 * dayMs);
    const second = cluster.provisioner(placement.database);
    await slow.end();
    const cutoff = monday + 5 * hourMs + hourMs / 2;
    await second.begin(async (tx) => {
      await tx`lock table telemetry.rollup_minutes in share mode`;
      const [pid] = await owner<{ pid: number }[]>`select pg_backend_pid() as pid`;
      const removing = removeExpired(owner, cutoff, 1).then(
        () => 'ended',
        () => 'interrupted',
      );
      await untilWaiting('bulkhead-provisioner');
      expect(await sums()).toEqual({ days: ['18', '24'], total: 42 });
      await tx`select pg_cancel_backend(${pid!.pid})`;
      expect(await removing).toBe('interrupted');
    });
    // The roller rests until retention has ended.
    expect(await rollUp(second, monday + 2 * dayMs)).toEqual({ readings: 0, isDone: true });
    expect(await sums()).toEqual({ days: ['18', '24'], total: 42 });
    await removeExpired(owner, monday + hourMs, 1);
    expect(await sums()).toEqual({ days: ['18', '24'], total: 42 });
    await rollUp(second, monday + 2 * dayMs);
    expect(await sums()).toEqual({ days: ['18', '24'], total: 42 });
    await Promise.all([owner.end(), second.end()]);
  });
});
