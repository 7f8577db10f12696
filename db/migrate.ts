import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type postgres from 'postgres';
import { connect } from './connect.js';
import { type DestructionGuard, destructionGuard, noDestruction } from './destruction-guard.js';
import { destructiveStatements } from './destructive-statements.js';
import { migrateJobQueue } from './migrate-job-queue.js';
import { packageRoot } from './package-root.js';

/** A migration: plain SQL, forward only, never edited after it has run anywhere. */
interface Migration {
  readonly name: string;
  readonly text: string;
  readonly digest: string;
}

/** What `migrate` did. */
export interface MigrationReport {
  readonly applied: readonly string[];
}

/**
 * Brings one database to the newest schema and gives it the context key. Runs under an advisory lock: of twenty at once
 * one works and the others find nothing to do. Each file is one transaction with its entry in `platform.migrations`.
 * @param migratorUrl address of the database as bulkhead_migrator
 * @param folders folders below `db/migrations`, or absolute ones, in order
 * @param guard asked before anything is done, where files that remove data are to run on a database that was there
 * before (default: these are refused)
 * @throws Error when a file that has run was edited, or one that has run is missing
 */
export async function migrate(
  migratorUrl: string,
  folders: readonly string[],
  contextKey: Buffer,
  guard: DestructionGuard = destructionGuard(migratorUrl, noDestruction),
): Promise<MigrationReport> {
  const sql = connect(migratorUrl, { max: 1, fetch_types: false, connect_timeout: 10, onnotice: () => {} });
  try {
    await sql`select pg_advisory_lock(hashtextextended('bulkhead:migrate', 0))`;
    await sql`set role bulkhead_owner`;
    await sql`create schema if not exists platform`;
    await sql`create table if not exists platform.migrations (
      name text primary key, digest text not null, applied_at timestamptz not null default now())`;
    const migrations = folders.map((folder) => readMigrations(folder));
    await refuseStrangers(sql, migrations.flat());
    await refuseDestruction(sql, migrations.flat(), guard);
    const applied: string[] = [];
    for (const [index, folder] of folders.entries()) {
      if (folder === 'operational') await migrateJobQueue(migratorUrl);
      applied.push(...(await applyPending(sql, migrations[index] ?? [])));
    }
    await sql`select platform.set_context_key(${contextKey})`;
    return { applied };
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** Refuses a database that ran what is not there, or was edited since. */
async function refuseStrangers(sql: postgres.Sql, migrations: readonly Migration[]): Promise<void> {
  const done = await sql<{ name: string; digest: string }[]>`
    select name, digest from platform.migrations order by name`;
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const { name, digest } of done) {
    const file = known.get(name);
    if (file === undefined)
      throw new Error(`the database has run ${name}, which this version of Bulkhead does not know`);
    if (file.digest !== digest) throw new Error(`${name} was edited after it had run: add a new migration instead`);
  }
}

/** Asks the guard about what pending files would remove; a new database has nothing to lose. */
async function refuseDestruction(
  sql: postgres.Sql,
  migrations: readonly Migration[],
  guard: DestructionGuard,
): Promise<void> {
  const done = await sql<{ name: string }[]>`select name from platform.migrations`;
  if (done.length === 0) return;
  const finished = new Set(done.map((row) => row.name));
  const found = migrations
    .filter(({ name }) => !finished.has(name))
    .flatMap(({ name, text }) => destructiveStatements(text).map((statement) => `${name}: ${statement}`));
  if (found.length > 0) await guard(found);
}

async function applyPending(sql: postgres.Sql, migrations: readonly Migration[]): Promise<string[]> {
  const done = await sql<{ name: string }[]>`select name from platform.migrations`;
  const finished = new Set(done.map((row) => row.name));
  const pending = migrations.filter((migration) => !finished.has(migration.name));
  for (const migration of pending) {
    await sql.begin(async (tx) => {
      await tx.unsafe(migration.text).simple();
      await tx`insert into platform.migrations (name, digest) values (${migration.name}, ${migration.digest})`;
    });
  }
  return pending.map((migration) => migration.name);
}

function readMigrations(folder: string): Migration[] {
  const path = resolve(packageRoot, 'db', 'migrations', folder);
  return readdirSync(path)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => {
      const text = readFileSync(join(path, file), 'utf8');
      return { name: `${folder}/${file}`, text, digest: createHash('sha256').update(text).digest('hex') };
    });
}

/** Folders of migrations of the operational database. */
export const operationalMigrations = ['common', 'operational'] as const;

/** Folders of migrations of the vault. */
export const vaultMigrations = ['common', 'vault'] as const;
