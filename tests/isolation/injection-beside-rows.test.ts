import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type postgres from 'postgres';
import type { LoginRole } from '../../db/cluster.js';
import { openTelemetryPassword } from '../../vault/telemetry-credential.js';
import { until } from '../support/bulkhead-process.js';
import type { TestDeployment } from '../support/test-deployment.js';
import { buildCompartments, type Compartments } from './compartments.js';
import { telemetryOf, withAdmin } from './data-digest.js';
import { codeOf, denied, pidOf, RawConnections, rolledBack } from './raw-connections.js';
import type { Seed } from './seed.js';

/*
 * Injected SQL that goes around the rows of its own database: other databases, sealed bytes, the audit log, keys that
 * two organizations could share, files, large objects, notices.
 */
let compartments: Compartments;
let deployment: TestDeployment;
let raw: RawConnections;
let a: Seed;
let b: Seed;

beforeAll(async () => {
  compartments = await buildCompartments();
  ({ deployment, a, b } = compartments);
  raw = new RawConnections(deployment);
});
afterAll(async () => {
  await raw.close();
  await deployment.stop();
});

describe('other databases', () => {
  const urlTo = (role: string, password: string, database: string) =>
    `postgres://${role}:${password}@127.0.0.1:${deployment.cluster.port}/${database}`;

  async function telemetryOfSeed(seed: Seed) {
    const { database, sealedPassword } = await telemetryOf(deployment, seed.ids.organization);
    const place = { orgId: seed.ids.organization, databaseName: database };
    return { database, password: openTelemetryPassword(deployment.telemetryKey, place, sealedPassword) };
  }

  it('cannot be reached by the roles of the processes', async () => {
    const telemetry = await telemetryOfSeed(b);
    const operational = new URL(deployment.adminUrl('operational')).pathname.slice(1);
    const vault = new URL(deployment.adminUrl('vault')).pathname.slice(1);
    const homes = {
      bulkhead_gateway: operational,
      bulkhead_worker: operational,
      bulkhead_vault_writer: vault,
      bulkhead_vault_reader: vault,
    } as const;
    for (const [role, home] of Object.entries(homes) as [LoginRole, string][]) {
      const password = deployment.cluster.passwords[role];
      for (const database of [operational, vault, telemetry.database, 'postgres', 'template1']) {
        const outcome = await codeOf(raw.to(urlTo(role, password, database))`select 1`);
        expect({ role, database, outcome }).toEqual({ role, database, outcome: database === home ? 'done' : denied });
      }
    }
  });

  it('cannot be reached by the credential of a telemetry database', async () => {
    const own = await telemetryOfSeed(a);
    const other = await telemetryOfSeed(b);
    expect(own.password).not.toBe(other.password);
    expect((await raw.to(urlTo(own.database, own.password, own.database))`select from telemetry.readings`).count).toBe(
      18,
    );
    const databases = await withAdmin(
      deployment.adminUrl('operational'),
      (sql) => sql<{ name: string }[]>`select datname as name from pg_database where datname <> ${own.database}`,
    );
    expect(databases.map(({ name }) => name)).toEqual(
      expect.arrayContaining([other.database, 'postgres', 'template1']),
    );
    for (const { name } of databases) {
      const outcome = await codeOf(raw.to(urlTo(own.database, own.password, name))`select 1`);
      // template0 accepts nobody (55000).
      expect({ name, outcome }).toEqual({ name, outcome: name === 'template0' ? '55000' : denied });
    }
    expect(await codeOf(raw.to(urlTo(other.database, own.password, other.database))`select 1`)).toBe('28P01');
  });

  it('a credential that is swapped between organizations does not open', async () => {
    const { sealedPassword } = await telemetryOf(deployment, b.ids.organization);
    const { database } = await telemetryOf(deployment, a.ids.organization);
    const place = { orgId: a.ids.organization, databaseName: database };
    expect(() => openTelemetryPassword(deployment.telemetryKey, place, sealedPassword)).toThrow();
  });

  it('the role of a telemetry database can do no more than read, write and forget in it', async () => {
    const { database, password } = await telemetryOfSeed(a);
    const sql = raw.to(urlTo(database, password, database));
    const partitions = await sql<{ name: string }[]>`
      select inhrelid::regclass::text as name from pg_inherits where inhparent = 'telemetry.readings'::regclass`;
    expect(partitions.length).toBeGreaterThan(0);
    for (const { name } of partitions) {
      expect({ name, outcome: await codeOf(sql`select from ${sql(name)}`) }).toEqual({ name, outcome: denied });
      expect(await codeOf(sql.unsafe(`insert into ${name} default values`))).toBe(denied);
    }
    for (const statement of [
      'delete from telemetry.readings',
      'truncate telemetry.readings',
      'drop table telemetry.readings',
      'create table telemetry.stolen (id int)',
      'create table public.stolen (id int)',
      'create schema stolen',
      'create temp table stolen (id int)',
      'alter table telemetry.readings owner to current_user',
      'select * from telemetry.migrations',
    ]) {
      expect({ statement, outcome: await codeOf(sql.unsafe(statement)) }).toEqual({
        statement,
        outcome: expect.stringMatching(/^(42501|42P01)$/),
      });
    }
    expect(await codeOf(sql`select from telemetry.readings`)).toBe('done');
  });
});

describe('the vault', () => {
  it('shows its writer what is known of secrets, and nothing sealed', async () => {
    const sql = raw.as('bulkhead_vault_writer', 'vault');
    const pid = await pidOf(sql);
    const read = (column: string, table: string) =>
      rolledBack(sql, async (tx) => {
        await tx`select app.enter(${raw.contextOf(a, pid)})`;
        return codeOf(tx.savepoint((inner) => inner`select ${inner(column)} from ${inner(table)}`));
      });
    expect(await read('name', 'vault.secrets')).toBe('done');
    expect(await read('sealed', 'vault.secrets')).toBe(denied);
    expect(await read('public_key', 'vault.organization_keys')).toBe('done');
    expect(await read('wrapped_private_key', 'vault.organization_keys')).toBe(denied);
  });
});

describe('the audit log', () => {
  it('takes organization and actor from the context, whatever is set beside it', async () => {
    const sql = raw.as('bulkhead_gateway');
    const pid = await pidOf(sql);
    const action = `forged ${randomBytes(8).toString('hex')}`;
    await sql.begin(async (tx) => {
      await tx`select app.enter(${raw.contextOf(a, pid)})`;
      await tx`select set_config('app.org_id', ${b.ids.organization}, true), set_config('app.lookup_org', ${b.ids.organization}, true)`;
      await tx`select audit.append(${action}, ${`ORGANIZATION/${b.ids.organization}`}, 'SUCCEEDED', null, '{}')`;
    });
    const written = await withAdmin(
      deployment.adminUrl('operational'),
      (admin) => admin`select org_id, actor_type, actor_id from audit.entries where action = ${action}`,
    );
    expect([...written]).toEqual([{ org_id: a.ids.organization, actor_type: 'OPERATOR', actor_id: 'test' }]);
  });

  it.each(['bulkhead_gateway', 'bulkhead_worker'] as const)(
    'cannot be written past its function by %s',
    async (role) => {
      const sql = raw.as(role);
      const pid = await pidOf(sql);
      const attempt = (statement: string) =>
        rolledBack(sql, async (tx) => {
          await tx`select app.enter(${raw.contextOf(a, pid)})`;
          return codeOf(tx.savepoint((inner) => inner.unsafe(statement)));
        });
      for (const statement of [
        `insert into audit.entries (org_id, actor_type, actor_id, action, resource, outcome, request_id, change)
       values ('${a.ids.organization}', 'SYSTEM', 'x', 'x', 'x', 'SUCCEEDED', 'x', '{}')`,
        `update audit.entries set action = 'nothing'`,
        'delete from audit.entries',
        'truncate audit.entries',
        'delete from audit.usage',
      ]) {
        expect({ statement, outcome: await attempt(statement) }).toEqual({ statement, outcome: denied });
      }
      expect(await attempt(`select audit.append('x', 'x', 'SUCCEEDED', null, '{}')`)).toBe('done');
      expect(await codeOf(sql`select audit.append('x', 'x', 'SUCCEEDED', null, '{}')`)).toBe('BH001');
    },
  );
});

describe('keys between organizations', () => {
  let sql: postgres.Sql;
  let pid: number;
  beforeAll(async () => {
    sql = raw.as('bulkhead_gateway');
    pid = await pidOf(sql);
  });
  const inA = (statement: string) =>
    rolledBack(sql, async (tx) => {
      await tx`select app.enter(${raw.contextOf(a, pid)})`;
      return tx
        .savepoint((inner) => inner.unsafe(statement))
        .then(
          ({ count }) => `${count}`,
          (error: { code: string; constraint_name: string }) => `${error.code} ${error.constraint_name}`,
        );
    });

  it('a parent of B is missing just as one that never was', async () => {
    const { ghost } = compartments.sides;
    const levelOf = (siteId: string, typeId: string) =>
      inA(`insert into app.levels (org_id, site_id, id, level_type_id, name, created_by)
           values ('${a.ids.organization}', '${siteId}', gen_random_uuid(), '${typeId}', 'x', 'x')`);
    const foreign = await levelOf(b.ids.site, b.ids.levelType);
    expect(foreign).toMatch(/^23503 /);
    expect(foreign).toBe(await levelOf(ghost.ids.site, ghost.ids.levelType));
    expect(await levelOf(b.ids.site, a.ids.levelType)).toBe(await levelOf(ghost.ids.site, a.ids.levelType));
    const groupWith = (levelId: string) =>
      inA(`insert into app.level_group_members (org_id, site_id, level_group_id, level_id)
           values ('${a.ids.organization}', '${a.ids.site}', '${a.ids.levelGroup}', '${levelId}')`);
    expect(await groupWith(b.ids.level)).toBe(await groupWith(ghost.ids.level));
    expect(await groupWith(a.ids.rootLevel)).toBe('1');
  });

  it('an id or a name that B has is free', async () => {
    const place = (id: string) =>
      inA(`insert into app.places (org_id, id, place_type, name, created_by)
           values ('${a.ids.organization}', '${id}', 'Fleet', 'x', 'x')`);
    expect(await place(b.ids.site)).toBe('1');
    expect(await place(a.ids.site)).toBe('23505 places_pkey');
  });
});

describe('ways around tables', () => {
  let sql: postgres.Sql;
  beforeAll(() => {
    sql = raw.as('bulkhead_gateway');
  });

  const copied = async (statement: string): Promise<string> => {
    const stream = await sql.unsafe(statement).readable();
    let text = '';
    for await (const chunk of stream) text += chunk;
    return text;
  };

  it('COPY shows what SELECT shows', async () => {
    expect(await copied('copy (select * from app.places) to stdout')).toBe('');
    expect(await copied('copy app.places to stdout')).toBe('');
    expect(await copied('copy (select 1) to stdout')).toBe('1\n');
  });

  it('COPY reaches no file and no program, and writes past no policy', async () => {
    for (const statement of [
      `copy (select 1) to program 'id'`,
      `copy (select 1) to '/tmp/bulkhead-copy'`,
      `copy app.places from '/etc/passwd'`,
      `select pg_read_file('/etc/passwd')`,
      `select pg_ls_dir('.')`,
      `select lo_import('/etc/passwd')`,
      `load 'dblink'`,
      'create extension dblink schema app',
    ]) {
      expect({ statement, outcome: await codeOf(sql.unsafe(statement)) }).toEqual({
        statement,
        outcome: expect.stringMatching(/^(42501|58P01|0A000)$/),
      });
    }
    expect(await codeOf(sql.unsafe('copy app.places from stdin').writable())).not.toBe('done');
  });

  it('nothing can be created: no table, not even a temporary one, no schema, no function', async () => {
    for (const statement of [
      'create temp table stolen (id int)',
      'create table app.stolen (id int)',
      'create table public.stolen (id int)',
      'create schema stolen',
      'create function app.stolen() returns int language sql return 1',
      'create function public.stolen() returns int language sql return 1',
      'create view app.stolen as select 1',
    ]) {
      expect({ statement, outcome: await codeOf(sql.unsafe(statement)) }).toEqual({ statement, outcome: denied });
    }
  });

  it('large objects hold nothing: they know no organizations', async () => {
    for (const kind of ['operational', 'vault'] as const) {
      const objects = await withAdmin(deployment.adminUrl(kind), (admin) => admin`select from pg_largeobject_metadata`);
      expect(objects.count).toBe(0);
    }
  });

  it('notices say that something is to be done, and nothing else', async () => {
    const payloads: string[] = [];
    const { unlisten } = await sql.listen('jobs:insert', (payload) => payloads.push(payload));
    await deployment.createOrganization('C');
    await until('a notice', () => (payloads.length > 0 ? true : undefined));
    await unlisten();
    expect(payloads).toEqual([expect.stringMatching(/^\{"r":[0-9.e-]+,"count":1\}$/)]);
  });
});
