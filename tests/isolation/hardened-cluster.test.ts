import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import postgres from 'postgres';
import { loginRoles, prepareCluster, type RolePasswords } from '../../db/cluster.js';
import { settingArguments } from '../../db/embedded/server-settings.js';
import { startTemporaryPostgres, type TemporaryPostgres } from '../support/temporary-postgres.js';

/* The cluster as `prepareCluster` leaves it, prepared by a superuser and by an administrator without that right. */
const names = { operational: 'operational', vault: 'vault' };
const passwords = Object.fromEntries(
  loginRoles.map((role) => [role, randomBytes(24).toString('base64url')]),
) as RolePasswords;

/** Functions for large objects and signals that PUBLIC may execute in a database. */
const openFunctions = (url: string) =>
  using(url, async (sql) => {
    const rows = await sql<{ name: string }[]>`
      select p.oid::regprocedure::text as name from pg_proc p
      where p.proname ~ '^lo_|^loread$|^lowrite$|^pg_(terminate|cancel)_backend$'
        and has_function_privilege('public', p.oid, 'execute')`;
    return rows.map((row) => row.name);
  });

async function using<T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, fetch_types: false, onnotice: () => {} });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}

describe('a cluster prepared by a superuser', () => {
  let server: TemporaryPostgres;
  beforeAll(async () => {
    server = await startTemporaryPostgres();
    await prepareCluster(server.adminUrl(), passwords, names);
  });
  afterAll(() => server?.stop());

  const settings = () =>
    using(
      server.adminUrl(),
      (sql) => sql`
      select r.rolname as role, coalesce(d.datname, '') as database, s.setconfig::text as settings
      from pg_db_role_setting s join pg_roles r on r.oid = s.setrole left join pg_database d on d.oid = s.setdatabase
      order by 1, 2`,
    );

  it('takes back what a role has set for itself, and nothing else', async () => {
    const before = await settings();
    expect(before.length).toBeGreaterThan(3);
    const url = `postgres://bulkhead_gateway:${passwords.bulkhead_gateway}@127.0.0.1:${server.port}/operational`;
    await using(url, async (sql) => {
      await sql`alter role bulkhead_gateway set default_transaction_read_only = on`;
      await sql`alter role bulkhead_gateway set statement_timeout = 0`;
      await sql`alter role bulkhead_gateway in database operational set search_path = nowhere`;
    });
    expect(await settings()).not.toEqual(before);
    await prepareCluster(server.adminUrl(), passwords, names);
    expect(await settings()).toEqual(before);
  });

  it.each(['template1', 'operational', 'vault'])('withholds functions in %s', async (database) => {
    expect(await openFunctions(server.adminUrl(database))).toEqual([]);
  });

  it('withholds them in databases that are made of template1', async () => {
    const url = `postgres://bulkhead_provisioner:${passwords.bulkhead_provisioner}@127.0.0.1:${server.port}/operational`;
    await using(url, (sql) => sql`create database later`);
    expect(await openFunctions(server.adminUrl('later'))).toEqual([]);
  });
});

describe('a cluster prepared by an administrator who is no superuser', () => {
  let server: TemporaryPostgres;
  beforeAll(async () => {
    server = await startTemporaryPostgres();
  });
  afterAll(() => server?.stop());

  it('is prepared, and functions stay as they are', async () => {
    const password = randomBytes(12).toString('hex');
    await using(server.adminUrl(), (sql) =>
      sql.unsafe(`create role manager login createdb createrole password '${password}'`),
    );
    const url = `postgres://manager:${password}@127.0.0.1:${server.port}/postgres`;
    for (const round of [1, 2]) {
      await prepareCluster(url, passwords, names);
      expect({ round, open: (await openFunctions(server.adminUrl('operational'))).length > 10 }).toEqual({
        round,
        open: true,
      });
    }
    // An administrator whom template1 does not let in is one who may not change it.
    await using(server.adminUrl(), (sql) => sql`revoke all on database template1 from public`);
    await prepareCluster(url, passwords, names);
  });
});

describe('the embedded server', () => {
  it('has locks for a query over ten years of weekly partitions', () => {
    expect(settingArguments({})).toContain('max_locks_per_transaction=256');
  });
});
