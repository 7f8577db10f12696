import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { is } from 'drizzle-orm';
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core';
import { packageRoot } from '../../db/package-root.js';
import { countedTables } from '../../domain/data-package/counted-tables.js';
import { openTwoDatabases, type TwoDatabases } from '../support/two-databases.js';

/** What is known of a table on either side: columns as `name type [not null] [default]`, columns of the primary key. */
interface TableShape {
  readonly columns: readonly string[];
  readonly key: readonly string[];
}

/** Tables that no typed query reads, and why. */
const undescribed: Readonly<Record<string, string>> = {
  'app.idempotency_keys': 'reached by functions only',
  'app.retention_states': 'read and written by a few statements of retention',
  'audit.usage': 'written by audit.count_usage; nothing reads it yet',
  'audit.trees': 'grown and read by functions',
  'audit.leaves': 'written and read by functions',
  'audit.nodes': 'written and read by functions',
  'audit.heads': 'written and read by functions',
};

/** Defaults of the database that drizzle is not told, because it never inserts there. */
const defaultsOfFunctions = ['audit.entries'];

let copies: TwoDatabases;
const described = new Map<string, TableShape>();

beforeAll(async () => {
  copies = await openTwoDatabases();
  const folder = join(packageRoot, 'db', 'tables');
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.ts'))) {
    const module = (await import(`../../db/tables/${file.replace(/\.ts$/, '.js')}`)) as Record<string, unknown>;
    for (const table of Object.values(module)) {
      if (is(table, PgTable)) described.set(nameOf(table), shapeOf(table));
    }
  }
});
afterAll(() => copies?.stop());

describe('the tables of db/tables', () => {
  it('are those of the migrated databases, all of them', async () => {
    const migrated = [...(await migratedTables()).keys()];
    expect([...described.keys(), ...Object.keys(undescribed)].sort()).toEqual(migrated.sort());
  });

  it('have columns with the names, types, nullability, defaults and keys of the database', async () => {
    const migrated = await migratedTables();
    expect(described.size).toBeGreaterThan(15);
    for (const [name, shape] of described) {
      expect({ name, ...shape }).toEqual({ name, ...migrated.get(name) });
    }
  });
});

function nameOf(table: PgTable): string {
  const { schema, name } = getTableConfig(table);
  return `${schema}.${name}`;
}

function shapeOf(table: PgTable): TableShape {
  const { columns, primaryKeys } = getTableConfig(table);
  const single = columns.filter((column) => column.primary);
  return {
    columns: columns
      .map((column) => columnText(column.name, column.getSQLType(), column.notNull, column.hasDefault))
      .sort(),
    key: (primaryKeys[0]?.columns ?? single).map((column) => column.name),
  };
}

/** Tables of organizations in both databases; `platform` has functions only. */
async function migratedTables(): Promise<Map<string, TableShape>> {
  const tables = new Map<string, TableShape>();
  for (const sql of Object.values(copies.admin)) {
    const rows = await sql<
      { table: string; column: string; type: string; required: boolean; standard: boolean; rank: number | null }[]
    >`
      select c.oid::regclass::text as table, a.attname as column, format_type(a.atttypid, a.atttypmod) as type,
             a.attnotnull as required, a.atthasdef as standard, array_position(k.conkey, a.attnum) as rank
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace and n.nspname in ('app', 'audit', 'vault')
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      left join pg_constraint k on k.conrelid = c.oid and k.contype = 'p'
      where c.relkind in ('r', 'p')`;
    for (const name of new Set(rows.map(({ table }) => table))) {
      const own = rows.filter(({ table }) => table === name);
      const isSilent = defaultsOfFunctions.includes(name);
      const key = own.filter(({ rank }) => rank !== null).sort((a, b) => a.rank! - b.rank!);
      tables.set(name, {
        columns: own.map((row) => columnText(row.column, row.type, row.required, row.standard && !isSilent)).sort(),
        key: key.map(({ column }) => column),
      });
    }
  }
  return tables;
}

function columnText(name: string, type: string, required: boolean, hasDefault: boolean): string {
  return [name, type, required ? 'not null' : 'null', ...(hasDefault ? ['default'] : [])].join(' ');
}

describe('tables of organizations', () => {
  it('are each counted as data of the organization, or not for a reason', async () => {
    const migrated = [...(await migratedTables()).keys()].filter((name) => name.startsWith('app.'));
    expect(Object.keys(countedTables).map((name) => `app.${name}`)).toEqual(migrated.sort());
  });
});
