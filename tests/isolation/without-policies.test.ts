import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import postgres from 'postgres';
import { buildCompartments, type Compartments, coordinates, readAll, readers, readForged } from './compartments.js';
import { digestOf, withAdmin } from './data-digest.js';
import { attack } from './sweep/attack.js';
import type { Walk } from './sweep/walk.js';

describe('without row-level security', () => {
  let compartments: Compartments;
  let all: Record<string, Walk>;
  beforeAll(async () => {
    compartments = await buildCompartments();
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

  // A deletion refers to nothing, and a call of it that succeeds would be the last one of A.
  const refers = coordinates.filter(({ name }) => name !== 'Mutation.deleteOrganization');
  it.each(refers)('$name does not tell what is of B from what never was', async (coordinate) => {
    expect(await attack(coordinate, compartments.sides, { places: 'references', values: 'counterpart' })).toEqual([]);
  });

  it.each(coordinates.filter(({ type }) => type === 'Mutation'))(
    '$name may use names that B has',
    async (coordinate) => {
      expect(await attack(coordinate, compartments.sides, { places: 'texts', values: 'counterpart' })).toEqual([]);
    },
  );

  it('all data of B are what they were', async () => {
    expect(await digestOf(compartments.deployment, compartments.b.ids.organization)).toEqual(compartments.before);
  });

  it('the conditions of the application are what holds: with the organization forged they find B', async () => {
    expect(await readForged(compartments)).toEqual(Array.from({ length: readers.length }, () => 'found'));
  });
});

/** Tables that row-level security guards. */
async function securedTables(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select c.oid::regclass::text as name from pg_class c where c.relrowsecurity and c.relkind in ('r', 'p')`;
  return rows.map((row) => row.name);
}
