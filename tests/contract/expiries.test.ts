import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type postgres from 'postgres';
import { expiries, lastingColumns } from '../../jobs/expiries.js';
import { tasks } from '../../jobs/tasks.js';
import { connectAsAdmin } from '../support/admin-connection.js';
import { templateNames, testCluster } from '../support/test-cluster.js';

const registered = [...expiries.flatMap(({ columns }) => columns), ...Object.keys(lastingColumns)];
const connections: postgres.Sql[] = [];

beforeAll(() => {
  for (const kind of ['operational', 'vault'] as const) {
    connections.push(connectAsAdmin(testCluster(), templateNames[kind]));
  }
});
afterAll(() => Promise.all(connections.map((sql) => sql.end())));

/** Columns of moments of both databases, as `schema.table.column`, whose names match. */
async function columnsLike(pattern: string): Promise<string[]> {
  const found = [];
  for (const sql of connections) {
    found.push(
      ...(await sql<{ name: string }[]>`
        select format('%s.%s.%s', n.nspname, c.relname, a.attname) as name
        from pg_attribute a join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p')
        join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in ('app', 'audit', 'platform', 'vault') and a.attnum > 0 and not a.attisdropped
          and a.atttypid = 'timestamptz'::regtype and a.attname ~ ${pattern}`),
    );
  }
  return found.map(({ name }) => name);
}

describe('jobs/expiries.ts', () => {
  it('has every column that tells of an end, with what removes the record, or why nothing does', async () => {
    const columns = await columnsLike('expir|until|_end$|ends_at|lease');
    expect(columns.filter((column) => !registered.includes(column))).toEqual([]);
    expect(columns).toContain('app.api_key_secrets.valid_until');
  });

  it('names columns that are there, each once', async () => {
    const columns = await columnsLike('');
    expect(registered.filter((column) => !columns.includes(column))).toEqual([]);
    expect(new Set(registered).size).toBe(registered.length);
  });

  it('names jobs that there are; those of `expire` have a removal, and no others', () => {
    const names = tasks.map(({ name }) => name);
    expect(expiries.filter(({ job }) => !names.includes(job))).toEqual([]);
    expect(expiries.filter(({ job, sweep }) => (job === 'expire') !== (sweep !== undefined))).toEqual([]);
  });
});

describe('the purge of definitions', () => {
  it('asks every table that refers to a definition: one that it does not know would hold up all others', async () => {
    const references = await connections[0]!<{ name: string; isSeen: boolean }[]>`
      select distinct conrelid::regclass::text as name, exists (
          select from pg_policy p where p.polrelid = conrelid and p.polname = 'known_to_owner') as "isSeen"
      from pg_constraint
      where contype = 'f' and confrelid = any (array['app.metric_definitions', 'app.thing_types', 'app.thing_type_versions']::regclass[])
      order by 1`;
    const [row] = await connections[0]!<{ source: string }[]>`
      select pg_get_functiondef('app.expired_definitions()'::regprocedure) as source`;
    expect(references.length).toBeGreaterThan(3);
    expect(references.filter(({ name, isSeen }) => !(isSeen && row!.source.includes(name)))).toEqual([]);
  });
});
