import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newDatabasePassword } from '../../telemetry/database-name.js';
import { TelemetryPools } from '../../telemetry/pools.js';
import { provisionDatabase } from '../../telemetry/provision-database.js';
import type { TelemetryDatabase, TelemetryPlacement } from '../../telemetry/telemetry-database.js';
import { until } from '../support/bulkhead-process.js';
import { startTelemetryCluster, type TelemetryCluster } from '../support/telemetry-cluster.js';

let cluster: TelemetryCluster;
let placements: TelemetryPlacement[];
beforeAll(async () => {
  cluster = await startTelemetryCluster();
  placements = [];
  for (let index = 0; index < 4; index += 1) placements.push(await cluster.provision());
});
afterAll(() => cluster.stop());

const ask = async ({ sql }: TelemetryDatabase) => (await sql<{ name: string }[]>`select current_user as name`)[0]!.name;

/** Sessions that organizations' roles have open. */
async function sessions(): Promise<number> {
  const [row] = await cluster.admin<{ open: number }[]>`
    select count(*)::int as open from pg_stat_activity where usename like 't\\_%'`;
  return row!.open;
}

const noSessions = () => until('no session', async () => ((await sessions()) === 0 ? true : undefined));

/** Work that ends when it is told to. */
function held(): { work: () => Promise<void>; end: () => void } {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { work: () => ended, end: () => end() };
}

describe('TelemetryPools', () => {
  it('opens nothing before the first use, two connections at most, and closes them when idle', async () => {
    const pools = new TelemetryPools({ idleCloseMs: 200 });
    expect(await sessions()).toBe(0);
    const [placement] = placements;
    const slow = async ({ sql, writes }: TelemetryDatabase) => {
      const both = Promise.all([sql, writes].map((lane) => lane`select pg_sleep(0.05)`));
      await both;
      // While it is in use, and so not idle.
      const stillSleeping = Promise.all([sql, writes].map((lane) => lane`select pg_sleep(0.05)`));
      const open = await sessions();
      await stillSleeping;
      return open;
    };
    const open = await Promise.all(Array.from({ length: 6 }, () => pools.use(placement!, slow)));
    expect(Math.max(...open)).toBe(2);
    await noSessions();
    expect(await pools.use(placement!, ask)).toBe(placement!.role);
    await pools.close();
    await noSessions();
  });

  it('lets no read wait in the way of a write, however many there are', async () => {
    const pools = new TelemetryPools();
    const [placement] = placements;
    const admin = cluster.provisioner(placement!.database);
    await admin`begin`;
    await admin`lock table telemetry.readings in access exclusive mode`;
    const wide = ({ sql }: TelemetryDatabase) => sql`select count(*) from telemetry.readings`;
    let answered = 0;
    const reads = Array.from({ length: 20 }, () => pools.use(placement!, wide).then(() => (answered += 1)));
    await until('a read to wait', async () => {
      const waiting =
        await cluster.admin`select from pg_stat_activity where usename = ${placement!.role} and wait_event = 'relation'`;
      return waiting.length === 1 ? true : undefined;
    });
    await pools.use(placement!, ({ writes }) => writes`update telemetry.latest set at = at`);
    expect([answered, await sessions()]).toEqual([0, 2]);
    await admin`rollback`;
    await Promise.all(reads);
    expect(answered).toBe(20);
    await admin.end();
    await pools.close();
  });

  it('serves more organizations than it may have pools open', async () => {
    const pools = new TelemetryPools({ maxPools: 2 });
    let most = 0;
    const rounds = Array.from({ length: 40 }, async (_, index) => {
      const placement = placements[index % placements.length]!;
      expect(await pools.use(placement, ask)).toBe(placement.role);
      most = Math.max(most, await sessions());
    });
    await Promise.all(rounds);
    // A session that was ended may still be listed for a moment.
    expect(most).toBeLessThanOrEqual(6);
    await pools.close();
  });

  it('never closes a pool that is in use: others wait for it, and not for ever', async () => {
    const [a, b] = placements;
    const hasty = new TelemetryPools({ maxPools: 1, waitMs: 150 });
    const busy = held();
    const using = hasty.use(a!, busy.work);
    await expect(hasty.use(b!, ask)).rejects.toMatchObject({ code: 'UNAVAILABLE', details: { retryAfterMs: 1_000 } });
    busy.end();
    await using;
    await hasty.close();

    const pools = new TelemetryPools({ maxPools: 1, waitMs: 60_000 });
    const first = held();
    const running = pools.use(a!, async (database) => {
      await first.work();
      return ask(database);
    });
    expect(await pools.use(a!, ask)).toBe(a!.role);
    const waiting = pools.use(b!, ask);
    first.end();
    expect(await running).toBe(a!.role);
    expect(await waiting).toBe(b!.role);
    await pools.close();
  });

  it('evicts the one that was not used for longest', async () => {
    const pools = new TelemetryPools({ maxPools: 2 });
    const [a, b, c] = placements;
    const seen = new Map<string, TelemetryDatabase>();
    const use = (placement: TelemetryPlacement) =>
      pools.use(placement, async (database) => {
        const isSame = seen.get(placement.orgId) === database;
        seen.set(placement.orgId, database);
        return isSame;
      });
    for (const placement of [a, b, a, c]) await use(placement!);
    expect([await use(a!), await use(c!), await use(b!)]).toEqual([true, true, false]);
    await pools.close();
  });

  it('takes a new password at once, while work on the old one finishes', async () => {
    const pools = new TelemetryPools();
    const old = placements[3]!;
    const first = held();
    let began = () => {};
    const started = new Promise<void>((resolve) => {
      began = resolve;
    });
    const running = pools.use(old, async (database) => {
      await ask(database);
      began();
      await first.work();
      return ask(database);
    });
    await started;
    const renewed = { ...old, password: newDatabasePassword() };
    await provisionDatabase({ provisionerUrl: cluster.provisionerUrl, ...renewed });
    expect(await pools.use(renewed, ask)).toBe(old.role);
    first.end();
    expect(await running).toBe(old.role);
    await expect(pools.use(old, ask)).rejects.toMatchObject({
      code: 'TELEMETRY_PROVISIONING',
      details: { retryAfterMs: 2_000 },
    });
    expect(await pools.use(renewed, ask)).toBe(old.role);
    await pools.close();
    await noSessions();
  });

  it('says what a caller can do where the database is missing, slow or out of reach', async () => {
    const pools = new TelemetryPools();
    await expect(pools.use({ ...cluster.newPlacement() }, ask)).rejects.toMatchObject({
      code: 'TELEMETRY_PROVISIONING',
    });
    const unreachable = { ...cluster.newPlacement(), hosts: [{ host: '127.0.0.1', port: 1 }] };
    await expect(pools.use(unreachable, ask)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const slow = ({ sql }: TelemetryDatabase) =>
      sql.begin(async (tx) => {
        await tx`set local statement_timeout = '50ms'`;
        await tx`select pg_sleep(60)`;
      });
    await expect(pools.use(placements[0]!, slow)).rejects.toMatchObject({ code: 'REQUEST_TIMEOUT' });
    await pools.close();
    await expect(pools.use(placements[0]!, ask)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});
