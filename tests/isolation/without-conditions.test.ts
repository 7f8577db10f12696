import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type postgres from 'postgres';
import { operatorIdentity } from '../../auth/identity.js';
import { buildCompartments, type Compartments, readers, readForged } from './compartments.js';
import { tablesOfOrganizations, withAdmin } from './data-digest.js';
import { type Kind, RawConnections } from './raw-connections.js';

/** The gateway has no right on these. */
const byFunctionsOnly = ['app.hook_posts', 'app.idempotency_keys'];

describe('without the conditions of the application', () => {
  let compartments: Compartments;
  let raw: RawConnections;
  let connections: Readonly<Record<Kind, postgres.Sql>>;
  const tables = new Map<'operational' | 'vault', string[]>();
  beforeAll(async () => {
    compartments = await buildCompartments();
    const { deployment } = compartments;
    raw = new RawConnections(deployment);
    connections = { operational: raw.as('bulkhead_gateway'), vault: raw.as('bulkhead_vault_writer', 'vault') };
    for (const kind of ['operational', 'vault'] as const) {
      await withAdmin(deployment.adminUrl(kind), async (sql) => {
        const all = await tablesOfOrganizations(sql);
        tables.set(
          kind,
          all.filter((table) => !table.startsWith('platform.') && !byFunctionsOnly.includes(table)),
        );
      });
    }
  });
  afterAll(async () => {
    await raw.close();
    await compartments.deployment.stop();
  });

  /** Runs SQL without any condition in a transaction of A that may do everything in A, and rolls it back. */
  async function asA<T>(kind: 'operational' | 'vault', work: (sql: postgres.TransactionSql) => Promise<T>): Promise<T> {
    const identity = operatorIdentity(compartments.a.ids.organization, 'test', 'test', null);
    return raw.under(connections[kind], identity, 'write', work);
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
          async (sql) =>
            (await sql.unsafe(`update ${table} set ${column} = ${column === 'sealed' ? `''` : column}`)).count,
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
      const insertable = await behind(kind, (sql) => insertableTables(sql));
      expect(insertable.length).toBeGreaterThan(0);
      for (const table of insertable) {
        const insertRowOf = async (orgId: string) => {
          const [stored] = await behind(
            kind,
            (sql) => sql`select to_jsonb(t)::text as row from ${sql(table)} t where org_id = ${orgId} limit 1`,
          );
          return asA(kind, (sql) =>
            sql`insert into ${sql(table)}
                select (jsonb_populate_record(null::${sql(table)}, ${stored!['row']}::text::jsonb)).*`.then(
              () => 'inserted',
              (error: { message: string }) => error.message,
            ),
          );
        };
        expect(await insertRowOf(compartments.b.ids.organization)).toMatch(/violates row-level security policy/);
        // A row of A gets past the policies, to find that it is there.
        expect(await insertRowOf(compartments.a.ids.organization)).toMatch(/duplicate key/);
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
          if (!['23001', '23503'].includes(error.code)) throw error;
        });
    }
    left = left.filter((table) => !removed.has(table));
    if (left.length === before) throw new Error(`these refer to each other: ${left.join(', ')}`);
  }
  return removed;
}
