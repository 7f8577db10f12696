import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import postgres from 'postgres';
import { operatorIdentity } from '../../auth/identity.js';
import { closeDatabase, type Database, openDatabase } from '../../db/database.js';
import { type OrgTransaction, withOrg } from '../../db/with-org.js';
import { getApiKey } from '../../domain/api-key/get-api-key.js';
import { getIntegration } from '../../domain/integration/get-integration.js';
import { getLevel } from '../../domain/level/get-level.js';
import { getMetric } from '../../domain/metric/get-metric.js';
import { getPlace } from '../../domain/place/get-place.js';
import { getThing } from '../../domain/thing/get-thing.js';
import { createSchema } from '../../server/schema.js';
import { type GraphqlClient, graphqlClient } from '../support/graphql-client.js';
import { startTestDeployment, type TestDeployment } from '../support/test-deployment.js';
import { type DataDigest, digestOf, tablesOfOrganizations, withAdmin } from './data-digest.js';
import { type Seed, type SeedIds, seed } from './seed.js';
import { ask, attack, leaksOf, type Sides } from './sweep/attack.js';
import { ghostOf } from './sweep/known.js';
import { operationOf } from './sweep/operation.js';
import { coordinatesOf } from './sweep/positions.js';
import { samples } from './sweep/samples.js';
import { type Walk, walk } from './sweep/walk.js';

/*
 * Each wall alone: shield taken away, row-level security taken away, the conditions of the application taken away. The
 * others have to hold between organizations, and each time something shows that the wall was really gone.
 */
const schema = createSchema();
const coordinates = coordinatesOf(schema);
const queries = coordinates.filter(({ type }) => type === 'Query');
// Queries first: what mutations were refused for is in the audit log of A afterwards, ids of B and all.
const swept = [...coordinates.filter(({ type }) => type !== 'Mutation'), ...coordinates].filter(
  (coordinate, index, all) => all.indexOf(coordinate) === index,
);

interface Compartments {
  readonly deployment: TestDeployment;
  readonly a: Seed;
  readonly b: Seed;
  readonly before: DataDigest;
  readonly sides: Sides;
}

async function build(): Promise<Compartments> {
  const deployment = await startTestDeployment();
  const [a, b] = await Promise.all([
    deployment.createOrganization('A').then((organization) => seed(organization, 'A')),
    deployment.createOrganization('B').then((organization) => seed(organization, 'B')),
  ]);
  const before = await digestOf(deployment, b.ids.organization);
  return { deployment, a, b, before, sides: { own: a, other: b, ghost: ghostOf(b), client: a.client } };
}

/** Everything that A can read, but for the tokens it has left. */
async function readAll({ a, b }: Compartments, client: GraphqlClient): Promise<Record<string, Walk>> {
  const walks: Record<string, Walk> = {};
  for (const coordinate of queries.filter(({ name }) => name !== 'Query.rateLimits')) {
    walks[coordinate.name] = await walk(schema, coordinate, client, a, b);
  }
  return walks;
}

describe('without shield', () => {
  let it1: Compartments;
  let sides: Sides;
  beforeAll(async () => {
    it1 = await build();
    const gateway = await it1.deployment.startGateway({ permissions: false });
    sides = { ...it1.sides, client: graphqlClient(gateway.url, it1.a.client.key) };
  });
  afterAll(() => it1.deployment.stop());

  it('is gone: a key without a scope on sites passes the rule, and is shown no site', async () => {
    const weak = await it1.a.organization.createKey({ scopes: ['read APIKEY/000000000000'] });
    const document = '{ sites(first: 10) { totalCount nodes { id } } }';
    const shielded = await weak.client.send(document);
    expect(shielded.errors.map(({ message }) => message)).toEqual(['The key has no scope for Query.sites']);
    const bare = await graphqlClient(sides.client.url, weak.text).ok(document);
    expect(bare.sites).toEqual({ totalCount: 0, nodes: [] });
  });

  it('a key without scopes is shown nothing and changes nothing by any field', async () => {
    const { deployment, a } = it1;
    const weak = await a.organization.createKey({ scopes: ['read APIKEY/000000000000'] });
    const client = graphqlClient(sides.client.url, weak.text);
    const calls = [];
    for (const coordinate of coordinates) {
      for (const sample of samples[coordinate.name] ?? []) {
        calls.push({ name: coordinate.name, operation: operationOf(coordinate, a, (await sample(a))()) });
      }
    }
    const inApp = (digest: DataDigest) => Object.entries(digest).filter(([table]) => !table.includes(' audit.'));
    const before = inApp(await digestOf(deployment, a.ids.organization));
    const shown: string[] = [];
    for (const { name, operation } of calls) {
      const answer = await ask(client, operation);
      const { organization, ...ids } = a.ids;
      const leaks = leaksOf(answer, { ...a, ids: ids as SeedIds });
      if (leaks.length > 0) shown.push(`${name} shows ${leaks.join(', ')}: ${answer.text}`);
      if (name.startsWith('Mutation.') && answer.errors.length === 0) shown.push(`${name} is not refused`);
    }
    expect(shown).toEqual([]);
    expect(inApp(await digestOf(deployment, a.ids.organization))).toEqual(before);
  });

  it('A reads what it reads behind all walls', async () => {
    const all = await readAll(it1, it1.a.client);
    const bare = await readAll(it1, sides.client);
    expect(bare).toEqual(all);
    expect(Object.values(bare).flatMap(({ faults }) => faults)).toEqual([]);
  });

  it.each(swept)('$name does not tell what is of B from what never was', async (coordinate) => {
    expect(await attack(coordinate, sides, { places: 'references', values: 'counterpart' })).toEqual([]);
  });

  it('all data of B are what they were', async () => {
    expect(await digestOf(it1.deployment, it1.b.ids.organization)).toEqual(it1.before);
  });
});

describe('without row-level security', () => {
  let compartments: Compartments;
  let all: Record<string, Walk>;
  beforeAll(async () => {
    compartments = await build();
    all = await readAll(compartments, compartments.a.client);
    for (const kind of ['operational', 'vault'] as const) {
      await withAdmin(compartments.deployment.adminUrl(kind), async (sql) => {
        for (const table of await securedTables(sql)) {
          await sql.unsafe(`alter table ${table} no force row level security, disable row level security`);
        }
      });
    }
  });
  afterAll(() => compartments.deployment.stop());

  it('is gone: plain SQL in the role of the gateway and of the vault shows every organization', async () => {
    const { deployment, a, b } = compartments;
    const both = [a.ids.organization, b.ids.organization].sort();
    for (const [kind, role, table] of [
      ['operational', 'bulkhead_gateway', 'app.places'],
      ['vault', 'bulkhead_vault_writer', 'vault.secrets'],
    ] as const) {
      const sql = postgres(deployment.urlOf(kind, role), { max: 1 });
      const rows = await sql`select distinct org_id from ${sql(table)} order by 1`;
      await sql.end();
      expect(rows.map((row) => row['org_id'])).toEqual(both);
    }
  });

  it('A reads what it read behind all walls: lists, counts and relations', async () => {
    const bare = await readAll(compartments, compartments.a.client);
    expect(bare).toEqual(all);
    expect(Object.values(bare).flatMap(({ faults }) => faults)).toEqual([]);
  });

  it.each(swept)('$name does not tell what is of B from what never was', async (coordinate) => {
    expect(await attack(coordinate, compartments.sides, { places: 'references', values: 'counterpart' })).toEqual([]);
  });

  it.each(swept.filter(({ type }) => type === 'Mutation'))('$name may use names that B has', async (coordinate) => {
    expect(await attack(coordinate, compartments.sides, { places: 'texts', values: 'counterpart' })).toEqual([]);
  });

  it('all data of B are what they were', async () => {
    expect(await digestOf(compartments.deployment, compartments.b.ids.organization)).toEqual(compartments.before);
  });

  it('the conditions of the application are what holds: with the organization forged they find B', async () => {
    expect(await readForged(compartments)).toEqual(Array.from({ length: readers.length }, () => 'found'));
  });
});

/** Reads of the domain by an id of the other organization. */
const readers: readonly ((tx: OrgTransaction, ids: SeedIds) => Promise<unknown>)[] = [
  (tx, ids) => getPlace(tx, 'Site', ids.site),
  (tx, ids) => getPlace(tx, 'Fleet', ids.fleet),
  (tx, ids) => getLevel(tx, ids.level),
  (tx, ids) => getThing(tx, ids.thing),
  (tx, ids) => getMetric(tx, ids.metric),
  (tx, ids) => getIntegration(tx, ids.integration),
  (tx, ids) => getApiKey(tx, ids.apiKey),
];

/** What the domain finds in a transaction of A when its own conditions say B, as by a bug that mixes two requests. */
function readForged({ deployment, a, b }: Compartments): Promise<string[]> {
  const identity = operatorIdentity(a.ids.organization, 'test', 'test', null);
  return withOrg(deployment.operational, identity, 'read', async (tx) => {
    const forged: OrgTransaction = { ...tx, orgId: b.ids.organization };
    const outcomes = [];
    for (const reader of readers) {
      outcomes.push(
        await reader(forged, b.ids).then(
          () => 'found',
          (error: { code: string }) => error.code,
        ),
      );
    }
    return outcomes;
  });
}

/** Tables that row-level security guards. */
async function securedTables(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select c.oid::regclass::text as name from pg_class c where c.relrowsecurity and c.relkind in ('r', 'p')`;
  return rows.map((row) => row.name);
}

describe('without the conditions of the application', () => {
  let compartments: Compartments;
  const databases = new Map<'operational' | 'vault', Database>();
  const tables = new Map<'operational' | 'vault', string[]>();
  beforeAll(async () => {
    compartments = await build();
    const { deployment } = compartments;
    const contextKey = deployment.operational.contextKey;
    databases.set('operational', deployment.operational);
    databases.set(
      'vault',
      openDatabase({ url: deployment.urlOf('vault', 'bulkhead_vault_writer'), contextKey, applicationName: 'test' }),
    );
    for (const kind of ['operational', 'vault'] as const) {
      await withAdmin(deployment.adminUrl(kind), async (sql) => {
        const all = await tablesOfOrganizations(sql);
        tables.set(
          kind,
          all.filter((table) => !table.startsWith('platform.')),
        );
      });
    }
  });
  afterAll(async () => {
    await closeDatabase(databases.get('vault')!);
    await compartments.deployment.stop();
  });

  /** Runs SQL without any condition in a transaction of A that may do everything in A, and rolls it back. */
  async function asA<T>(kind: 'operational' | 'vault', work: (sql: postgres.TransactionSql) => Promise<T>): Promise<T> {
    const identity = operatorIdentity(compartments.a.ids.organization, 'test', 'test', null);
    let result: { value: T } | undefined;
    const rollBack = new Error('roll back');
    await withOrg(databases.get(kind)!, identity, 'write', async ({ sql }) => {
      result = { value: await work(sql) };
      throw rollBack;
    }).catch((error: unknown) => {
      if (result === undefined) throw error;
    });
    return result!.value;
  }

  const behind = <T>(kind: 'operational' | 'vault', work: (sql: postgres.Sql) => Promise<T>) =>
    withAdmin(compartments.deployment.adminUrl(kind), work);

  /** Rows of an organization, as the superuser counts them. */
  const countBehind = (kind: 'operational' | 'vault', table: string, orgId: string) =>
    behind(kind, async (sql) => (await sql`select from ${sql(table)} where org_id = ${orgId}`).count);

  describe.each(['operational', 'vault'] as const)('in the %s database', (kind) => {
    it('every table shows the rows of A, all of them and no other', async () => {
      for (const table of tables.get(kind)!) {
        const shown = await asA(kind, (sql) => sql`select org_id from ${sql(table)}`);
        const { a, b } = compartments;
        expect({ table, organizations: new Set(shown.map((row) => row['org_id'])) }).toEqual({
          table,
          organizations: new Set([a.ids.organization]),
        });
        expect(shown.length).toBe(await countBehind(kind, table, a.ids.organization));
        expect(await countBehind(kind, table, b.ids.organization)).toBeGreaterThan(0);
      }
    });

    it('an update of everything changes the rows of A alone', async () => {
      const columns = await behind(kind, (sql) => updatableColumns(sql));
      expect(columns.length).toBeGreaterThan(0);
      for (const { table, column } of columns) {
        const changed = await asA(
          kind,
          async (sql) => (await sql.unsafe(`update ${table} set ${column} = ${column === 'sealed' ? `''` : column}`)).count,
        );
        expect({ table, changed }).toEqual({
          table,
          changed: await countBehind(kind, table, compartments.a.ids.organization),
        });
      }
    });

    it('a delete of everything removes the rows of A alone', async () => {
      const deletable = await behind(kind, (sql) => deletableTables(sql));
      const removed = await asA(kind, (sql) => deleteAll(sql, deletable));
      for (const table of deletable) {
        expect({ table, removed: removed.get(table) }).toEqual({
          table,
          removed: await countBehind(kind, table, compartments.a.ids.organization),
        });
      }
    });

    it('a row of B can be written into no table', async () => {
      const { a, b } = compartments;
      for (const table of await behind(kind, (sql) => insertableTables(sql))) {
        const [row] = await behind(
          kind,
          (sql) => sql`select to_jsonb(t) as row from ${sql(table)} t where org_id = ${b.ids.organization} limit 1`,
        );
        const insert = (values: object) =>
          asA(kind, (sql) =>
            sql`insert into ${sql(table)} select (jsonb_populate_record(null::${sql(table)}, ${JSON.stringify(values)}::text::jsonb)).*`.then(
              () => 'inserted',
              (error: { message: string }) => error.message,
            ),
          );
        expect(await insert(row!['row'])).toMatch(/violates row-level security policy for table/);
        // The same row as one of A gets past the policy: what stops it, if anything, is a key that is not there.
        const own = await insert({ ...row!['row'], org_id: a.ids.organization });
        expect(own).not.toMatch(/row-level security|permission denied/);
      }
    });
  });

  it('the domain finds nothing of B with the organization forged', async () => {
    const none = Array.from({ length: readers.length }, () => 'NOT_FOUND');
    expect(await readForged(compartments)).toEqual(none);
  });
});

/** One column of each table that the role of the caller of withOrg may update. */
async function updatableColumns(sql: postgres.Sql): Promise<{ table: string; column: string }[]> {
  return sql<{ table: string; column: string }[]>`
    select table_schema || '.' || table_name as table, min(column_name) as column
    from information_schema.column_privileges
    where grantee in ('bulkhead_gateway', 'bulkhead_vault_writer') and privilege_type = 'UPDATE'
    group by 1 order by 1`;
}

async function tablesWith(sql: postgres.Sql, privilege: string): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select table_schema || '.' || table_name as name from information_schema.table_privileges
    where grantee in ('bulkhead_gateway', 'bulkhead_vault_writer') and privilege_type = ${privilege} order by 1`;
  return rows.map((row) => row.name);
}

const deletableTables = (sql: postgres.Sql) => tablesWith(sql, 'DELETE');
const insertableTables = (sql: postgres.Sql) => tablesWith(sql, 'INSERT');

/** Empties tables, each as soon as nothing refers to it, and answers how many rows it lost. */
async function deleteAll(sql: postgres.TransactionSql, tables: readonly string[]): Promise<Map<string, number>> {
  const removed = new Map<string, number>();
  for (let left = [...tables]; left.length > 0; ) {
    const before = left.length;
    for (const table of left) {
      await sql
        .savepoint(async (inner) => {
          removed.set(table, (await inner`delete from ${inner(table)}`).count);
        })
        .catch((error: { code: string }) => {
          if (error.code !== '23503') throw error;
        });
    }
    left = left.filter((table) => !removed.has(table));
    if (left.length === before) throw new Error(`these refer to each other: ${left.join(', ')}`);
  }
  return removed;
}
