import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newDatabasePassword } from '../../telemetry/database-name.js';
import { dropDatabase } from '../../telemetry/drop-database.js';
import { TelemetryPools } from '../../telemetry/pools.js';
import { provisionDatabase } from '../../telemetry/provision-database.js';
import type { TelemetryPlacement } from '../../telemetry/telemetry-database.js';
import { connectAs, startTelemetryCluster, type TelemetryCluster } from '../support/telemetry-cluster.js';

let cluster: TelemetryCluster;
beforeAll(async () => {
  cluster = await startTelemetryCluster();
});
afterAll(() => cluster.stop());

/** Runs a statement as the role of a placement and gives the SQLSTATE of its refusal, or `ok`. */
async function tryAs(placement: TelemetryPlacement, statement: string, database?: string): Promise<string> {
  const sql = connectAs(placement, database === undefined ? {} : { database });
  try {
    await sql.unsafe(statement);
    return 'ok';
  } catch (error) {
    return String((error as { code?: string }).code);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

const provision = (placement: TelemetryPlacement) =>
  provisionDatabase({ provisionerUrl: cluster.provisionerUrl, ...placement });

async function exists(placement: TelemetryPlacement): Promise<{ role: boolean; database: boolean }> {
  const [row] = await cluster.admin<{ role: boolean; database: boolean }[]>`
    select exists (select from pg_roles where rolname = ${placement.role}) as role,
           exists (select from pg_database where datname = ${placement.database}) as database`;
  return row!;
}

describe('isolation of telemetry databases', () => {
  it('lets a role into its own database and into no other of the cluster', async () => {
    const [a, b] = [await cluster.provision(), await cluster.provision()];
    expect(await tryAs(a, 'select count(*) from telemetry.readings')).toBe('ok');
    expect(await tryAs(b, 'select count(*) from telemetry.readings')).toBe('ok');
    for (const database of [b.database, 'postgres', 'template1']) {
      expect([database, await tryAs(a, 'select 1', database)]).toEqual([database, '42501']);
    }
    expect(await tryAs({ ...a, password: newDatabasePassword() }, 'select 1')).toBe('28P01');
  });

  it('gives the role reads and writes of two tables, marks of stale hours, and nothing else', async () => {
    const placement = await cluster.provision();
    expect(await tryAs(placement, "select telemetry.ensure_weeks(array['2026-01-07Z'::timestamptz])")).toBe('ok');
    const refused = [
      'delete from telemetry.readings',
      'truncate telemetry.latest',
      'select from telemetry.forgotten_things',
      'delete from telemetry.forgotten_things',
      'select from telemetry.readings_20260105',
      'insert into telemetry.readings_20260105 select * from telemetry.readings',
      'select from telemetry.migrations',
      'delete from telemetry.rollup_hours',
      'update telemetry.rollup_hours set readings = 1',
      "insert into telemetry.rollup_hours (thing_id, metric_id, at, readings) values (gen_random_uuid(), 'm', now(), 1)",
      'update telemetry.rollup_days set readings = 1',
      'delete from telemetry.rollup_minutes',
      'update telemetry.rollup_state set closing = now()',
      'drop table telemetry.readings',
      'alter table telemetry.readings add column x int',
      'create table telemetry.mine (x int)',
      'create table public.mine (x int)',
      'create schema mine',
      'create temp table mine (x int)',
      'create function public.f() returns int language sql as $$ select 1 $$',
      "copy telemetry.readings to program 'id'",
      'alter role current_user connection limit -1',
      `alter database ${placement.database} connection limit 5`,
      'create role other',
      'set role bulkhead_provisioner',
    ];
    for (const text of refused) expect([text, await tryAs(placement, text)]).toEqual([text, '42501']);
  });

  it('has four functions with the rights of the owner, each with a pinned search path and closed to PUBLIC', async () => {
    const placement = await cluster.provision();
    const sql = connectAs(placement);
    const functions = await sql<{ name: string; config: string; open: boolean }[]>`
      select p.oid::regprocedure::text as name, p.proconfig::text as config,
             exists (select from aclexplode(p.proacl) a where a.grantee = 0) or p.proacl is null as open
      from pg_proc p where p.prosecdef order by 1`;
    expect(functions.map((row) => ({ ...row }))).toEqual([
      { name: 'telemetry.begin_write(uuid[])', config: '{"search_path=pg_catalog, pg_temp"}', open: false },
      {
        name: 'telemetry.ensure_weeks(timestamp with time zone[])',
        config: '{"search_path=pg_catalog, pg_temp"}',
        open: false,
      },
      { name: 'telemetry.forget_thing(uuid,integer)', config: '{"search_path=pg_catalog, pg_temp"}', open: false },
      { name: 'telemetry.refuse_thing(uuid)', config: '{"search_path=pg_catalog, pg_temp"}', open: false },
    ]);
    const [settings] = await sql`
      select current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock,
             current_setting('idle_in_transaction_session_timeout') as idle,
             (select rolconnlimit from pg_roles where rolname = current_user) as connections,
             has_database_privilege('pg_monitor', current_database(), 'connect') as others`;
    expect({ ...settings }).toEqual({ statement: '5s', lock: '3s', idle: '30s', connections: 10, others: false });
    await sql.end();
  });
});

describe('telemetry.ensure_weeks', () => {
  it('refuses weeks outside of its bounds and makes each week once, however many ask', async () => {
    const placement = await cluster.provision();
    const call = (instant: string) => `select telemetry.ensure_weeks(array[${instant}])`;
    for (const instant of ["now() - interval '3668 days'", "now() + interval '16 days'", 'null::timestamptz']) {
      expect([instant, await tryAs(placement, call(instant))]).toEqual([instant, '22023']);
    }
    const sessions = Array.from({ length: 8 }, () => tryAs(placement, call("now() - interval '3659 days', now()")));
    expect(await Promise.all(sessions)).toEqual(Array(8).fill('ok'));
    const sql = connectAs(placement);
    const bounds = await sql<{ bound: string }[]>`
      select pg_get_expr(c.relpartbound, c.oid) as bound
      from pg_inherits join pg_class c on c.oid = inhrelid where inhparent = 'telemetry.readings'::regclass`;
    expect(bounds).toHaveLength(2);
    for (const { bound } of bounds) {
      const [from, to] = [...bound.matchAll(/'([^']+)'/g)].map((match) => new Date(match[1]!));
      expect([from!.getUTCDay(), from!.getUTCHours(), to!.getTime() - from!.getTime()]).toEqual([1, 0, 7 * 86_400_000]);
    }
    await sql.end();
  });

  it('does not wait for readers and writers of the table', async () => {
    const placement = await cluster.provision();
    const writer = connectAs(placement);
    await writer`select telemetry.ensure_weeks(array[now()])`;
    await writer.begin(async (tx) => {
      await tx`insert into telemetry.readings (thing_id, metric_id, at, int_value)
               values ('00000000-0000-4000-8000-000000000001', 'mdef_a', now(), 1)`;
      expect(await tryAs(placement, "select telemetry.ensure_weeks(array[now() - interval '30 days'])")).toBe('ok');
    });
    await writer.end();
  });
});

describe('provisionDatabase', () => {
  it('finishes what was begun, at whatever step it ended', async () => {
    const onlyRole = cluster.newPlacement();
    const provisioner = cluster.provisioner();
    await provisioner.unsafe(`create role ${onlyRole.role}`);
    await provision(onlyRole);

    const closedDatabase = cluster.newPlacement();
    await provisioner.unsafe(`create role ${closedDatabase.role}`);
    await provisioner.unsafe(`create database ${closedDatabase.database} template template0 allow_connections false`);
    await provision(closedDatabase);

    const halfDropped = await cluster.provision();
    // What PostgreSQL writes while it drops a database (DATCONNLIMIT_INVALID_DB).
    await cluster.admin`update pg_database set datconnlimit = -2 where datname = ${halfDropped.database}`;
    await provision(halfDropped);
    await provisioner.end();

    for (const placement of [onlyRole, closedDatabase, halfDropped]) {
      expect(await tryAs(placement, 'select count(*) from telemetry.latest')).toBe('ok');
    }
  });

  it('changes nothing but the password when it is run again, even many times at once', async () => {
    const placement = await cluster.provision();
    const migrations = async () => {
      const owner = cluster.provisioner(placement.database);
      const rows = await owner`select name, applied_at::text from telemetry.migrations order by 1`;
      await owner.end();
      return rows.map((row) => ({ ...row }));
    };
    const before = await migrations();
    expect(before.length).toBeGreaterThan(0);
    const renewed = { ...placement, password: newDatabasePassword() };
    await Promise.all(Array.from({ length: 6 }, () => provision(renewed)));
    expect(await migrations()).toEqual(before);
    expect(await tryAs(renewed, 'select 1')).toBe('ok');
    expect(await tryAs(placement, 'select 1')).toBe('28P01');
  });

  it('never touches what is not named like ours, or belongs to another role', async () => {
    const placement = cluster.newPlacement();
    await expect(provision({ ...placement, database: 'postgres' })).rejects.toThrow('16 hex digits');
    await expect(provision({ ...placement, role: 'bulkhead_provisioner' })).rejects.toThrow('16 hex digits');
    await cluster.admin.unsafe(`create database ${placement.database}`);
    await expect(provision(placement)).rejects.toThrow('belongs to another role');
  });
});

describe('dropDatabase', () => {
  it('removes database and role with sessions under way, and is content where they are gone', async () => {
    const placement = await cluster.provision();
    const pools = new TelemetryPools();
    await pools.use(placement, ({ sql }) => sql`select 1`);
    const request = { provisionerUrl: cluster.provisionerUrl, ...placement };
    expect(await exists(placement)).toEqual({ role: true, database: true });
    await dropDatabase(request);
    expect(await exists(placement)).toEqual({ role: false, database: false });
    await dropDatabase(request);
    await expect(pools.use(placement, ({ sql }) => sql`select 1`)).rejects.toMatchObject({
      code: expect.stringMatching(/^(TELEMETRY_PROVISIONING|UNAVAILABLE)$/),
    });
    await pools.close();
  });

  it('finishes an interrupted drop', async () => {
    const placement = await cluster.provision();
    const provisioner = cluster.provisioner();
    await provisioner.unsafe(`drop database ${placement.database}`);
    await provisioner.end();
    await dropDatabase({ provisionerUrl: cluster.provisionerUrl, ...placement });
    expect(await exists(placement)).toEqual({ role: false, database: false });
  });
});
