import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eq } from 'drizzle-orm';
import type postgres from 'postgres';
import { createIdentity, type Identity } from '../../auth/identity.js';
import { type BoundStatement, readWithOrg } from '../../db/read-with-org.js';
import { places } from '../../db/tables/places.js';
import { LastStatements, type OrgTransaction, withOrg } from '../../db/with-org.js';
import { createPlace } from '../../domain/place/create-place.js';
import { connectAsAdmin } from '../support/admin-connection.js';
import {
  newOrganization,
  type OperationalDatabase,
  startOperationalDatabase,
} from '../support/operational-database.js';
import { testCluster } from '../support/test-cluster.js';

let operational: OperationalDatabase;
let admin: postgres.Sql;
let a: Identity;
let b: Identity;

beforeAll(async () => {
  operational = await startOperationalDatabase();
  const [row] = await withOrgRead((tx) => tx.sql<{ name: string }[]>`select current_database() as name`);
  admin = connectAsAdmin(testCluster(), row!.name);
  a = await newOrganization(operational.database);
  b = await newOrganization(operational.database);
  for (const identity of [a, b]) {
    await withOrg(operational.database, identity, 'write', (tx) => createPlace(tx, 'Fleet', { name: 'fleet' }));
  }
});
afterAll(async () => {
  await admin.end();
  await operational.stop();
});

const someone = createIdentity({
  orgId: '00000000-0000-4000-8000-000000000000',
  actor: { type: 'SYSTEM', id: 'test' },
  scopes: [],
  requestId: 'test',
  clientAddress: null,
});
const withOrgRead = <T>(work: (tx: OrgTransaction) => Promise<T>, identity = someone) =>
  withOrg(operational.database, identity, 'read', work);
const statement = (text: string, ...params: BoundStatement['params'][number][]): BoundStatement => ({ text, params });
const read = (identity: Identity, ...statements: BoundStatement[]) =>
  readWithOrg(operational.database, identity, statements);
const text = (value: Buffer | null | undefined) => value?.toString('utf8');
const connections = async () => {
  const rows = await admin<{ pid: number }[]>`
    select pid from pg_stat_activity where usename = 'bulkhead_gateway' and datname = current_database() order by pid`;
  return rows.map(({ pid }) => pid);
};
const endConnections = () =>
  admin`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'bulkhead_gateway' and datname = current_database()`;

describe('readWithOrg', () => {
  it('answers the rows of each statement as bytes, of the organization alone', async () => {
    const [mine, echoed] = await read(
      a,
      statement('select org_id, latitude from app.places'),
      statement('select $1::text, $2::int, $3::text', "'; drop table app.places; --", 7, null),
    );
    expect(mine).toHaveLength(1);
    expect([text(mine![0]![0]), mine![0]![1]]).toEqual([a.orgId, null]);
    expect(echoed!.map((row) => row.map(text))).toEqual([["'; drop table app.places; --", '7', undefined]]);
  });

  it('cannot write', async () => {
    await expect(read(a, statement('delete from app.places'))).rejects.toMatchObject({ sqlState: '25006' });
  });

  it('throws the cause where a statement fails, and leaves the connection usable', async () => {
    const before = await connections();
    await expect(
      read(a, statement('select 1'), statement('select 1 / $1::int', 0), statement('select 2')),
    ).rejects.toMatchObject({ sqlState: '22012' });
    expect(await read(a, statement('select 1'))).toHaveLength(1);
    expect(await connections()).toEqual(before);
  });

  it('throws the refusal of the key, not what follows from it', async () => {
    const key = createIdentity({ ...a, actor: { type: 'API_KEY', id: 'aaaaaaaaaaaa' }, keyRevision: '1' });
    await expect(read(key, statement('select count(*) from app.places where $1::int = 1', 1))).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
  });

  it('keeps organizations apart on connections that they share', async () => {
    const seen = await Promise.all(
      Array.from({ length: 300 }, async (_, index) => {
        const identity = index % 2 === 0 ? a : b;
        // Every other statement is new to its connection, which then is asked twice.
        const [rows] = await read(
          identity,
          statement(`select org_id, ${index % 7} from app.places where $1::int = 1`, 1),
        );
        return rows!.length === 1 && text(rows![0]![0]) === identity.orgId;
      }),
    );
    expect(seen).toEqual(Array(300).fill(true));
  });

  it('uses no more connections than it may', async () => {
    await Promise.all(Array.from({ length: 200 }, () => read(a, statement('select 1'))));
    // Ten for transactions, two for lookups.
    expect((await connections()).length).toBeLessThanOrEqual(12);
  });

  it('tries once more on another connection where its own is lost', async () => {
    await Promise.all(Array.from({ length: 20 }, () => read(a, statement('select 1'))));
    const before = await connections();
    const answers = Array.from({ length: 20 }, () => read(a, statement('select count(*) from app.places')));
    await endConnections();
    for (const answer of await Promise.all(answers)) expect(text(answer[0]![0]![0])).toBe('1');
    await read(a, statement('select 1'));
    expect((await connections()).filter((pid) => before.includes(pid))).toEqual([]);
  });

  it('replaces a connection that has prepared too many statements', async () => {
    await endConnections();
    for (let index = 0; index < 320; index += 1) await read(a, statement(`select ${index}`));
    const [rows] = await read(a, statement('select count(*)::int from pg_prepared_statements'));
    expect(Number(text(rows![0]![0]))).toBeLessThan(300);
  });

  it('never runs a statement again after its transaction, and drops the connection on which the driver would', async () => {
    await endConnections();
    await admin`create table public.changing (a integer)`;
    await admin`grant select on public.changing to bulkhead_gateway`;
    await admin`grant usage on schema public to bulkhead_gateway`;
    const changing = statement('select * from public.changing');
    await read(a, changing);
    const [before] = await connections();
    await admin`alter table public.changing add b integer`;
    // Once by `withOrg`, which does not run its work again, once by `readWithOrg`, which does.
    await expect(withOrgRead((tx) => tx.db.execute('select * from public.changing'), a)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    await read(a, changing);
    await admin`alter table public.changing add c integer`;
    await expect(
      withOrgRead(async (tx) => new LastStatements(Promise.resolve(tx.db.execute('select * from public.changing'))), a),
    ).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await read(a, changing, statement('select org_id from app.places'))).toHaveLength(2);
    await admin`alter table public.changing add d integer`;
    expect(await read(a, changing, statement('select org_id from app.places'))).toHaveLength(2);
    expect(await connections()).not.toContain(before);
  });
});

describe('withOrg', () => {
  const named = (name: string) => eq(places.name, name);
  const rename = (tx: OrgTransaction, name: string) =>
    tx.db.update(places).set({ name }).where(eq(places.orgId, tx.orgId)).returning({ name: places.name });
  const count = (name: string) => withOrgRead((tx) => tx.db.$count(places, named(name)), a);

  beforeEach(async () => {
    await withOrg(operational.database, a, 'write', (tx) => rename(tx, 'fleet'));
  });

  it('commits its last statements without waiting for them first', async () => {
    const rows = await withOrg(
      operational.database,
      a,
      'write',
      async (tx) => new LastStatements(Promise.resolve(rename(tx, 'last'))),
    );
    expect(rows).toEqual([{ name: 'last' }]);
    expect(await count('last')).toBe(1);
  });

  it('commits nothing where a last statement fails', async () => {
    const work = withOrg(operational.database, a, 'write', async (tx) => {
      const renamed = rename(tx, 'lost');
      const failed = tx.sql`select 1 / ${0}::int`.execute();
      return new LastStatements(Promise.all([renamed, failed]));
    });
    await expect(work).rejects.toMatchObject({ sqlState: '22012' });
    expect(await count('fleet')).toBe(1);
  });

  it('commits nothing where work has swallowed the error of a statement', async () => {
    const work = withOrg(operational.database, a, 'write', async (tx) => {
      await rename(tx, 'lost');
      await tx.sql`select 1 / ${0}::int`.catch(() => {});
    });
    await expect(work).rejects.toMatchObject({ sqlState: '22012' });
    expect(await count('fleet')).toBe(1);
  });

  it('rolls back where work throws', async () => {
    const error = new Error('no');
    const work = withOrg(operational.database, a, 'write', async (tx) => {
      await rename(tx, 'lost');
      throw error;
    });
    await expect(work).rejects.toBe(error);
    expect(await count('fleet')).toBe(1);
  });

  it('refuses a parameter that is undefined, and goes on', async () => {
    await expect(withOrgRead((tx) => tx.sql`select ${undefined}::int`, a)).rejects.toThrow('undefined');
    expect(await count('fleet')).toBe(1);
  });

  it('refuses statements of a transaction that has ended', async () => {
    const { sql, db } = await withOrgRead(async (tx) => tx, a);
    await expect(sql`select 1`).rejects.toThrow('has ended');
    await expect(db.$count(places)).rejects.toMatchObject({ cause: { message: expect.stringContaining('has ended') } });
    const inside = withOrgRead(async (tx) => {
      await tx.sql`select 1`;
      await expect(sql`select org_id from app.places`).rejects.toThrow('has ended');
      return tx.sql`select org_id from app.places`;
    }, b);
    expect(await inside).toEqual([{ org_id: b.orgId }]);
  });

  it('fails, and commits nothing, where its connection is lost', async () => {
    const work = withOrg(operational.database, a, 'write', async (tx) => {
      const [backend] = await tx.sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
      await rename(tx, 'lost');
      await admin`select pg_terminate_backend(${backend!.pid})`;
      await rename(tx, 'lost again');
    });
    await expect(work).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await count('fleet')).toBe(1);
  });

  it('lets those who wait for a connection in by the order in which they came', async () => {
    // All connections are open before.
    let inside = 0;
    let release = () => {};
    const allInside = new Promise<void>((resolve) => {
      release = resolve;
    });
    await Promise.all(
      Array.from({ length: 10 }, () =>
        withOrgRead(async () => {
          inside += 1;
          if (inside === 10) release();
          await allInside;
        }, a),
      ),
    );
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        withOrgRead(async (tx) => {
          order.push(index);
          await tx.sql`select 1`;
        }, a),
      ),
    );
    expect(order).toEqual(order.map((_, index) => index));
  });
});
