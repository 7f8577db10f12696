import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type postgres from 'postgres';
import { destructiveStatements } from '../db/destructive-statements.js';
import { packageRoot } from '../db/package-root.js';
import { grantOrganizationRole } from './grant-organization-role.js';

const migrationsFolder = join(packageRoot, 'telemetry', 'migrations');

/**
 * Brings the schema of one telemetry database to the newest version and gives the organization's role its rights there:
 * plain SQL, forward only, all in one transaction under an advisory lock, so that of twenty at once one works and the
 * others find nothing to do. What a newer version of Bulkhead has applied is left alone.
 * @param owner a connection as the owner of the database
 * @returns names of the files that were applied now
 * @throws Error when a file that has run was edited afterwards, or a pending one removes data
 */
export async function migrateSchema(owner: postgres.Sql, role: string): Promise<readonly string[]> {
  return owner.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(hashtextextended('bulkhead:telemetry:migrate', 0))`;
    await tx`create schema if not exists telemetry`;
    await tx`create table if not exists telemetry.migrations (
      name text primary key, digest text not null, applied_at timestamptz not null default now())`;
    const missing = await missingMigrations(tx);
    refuseDestruction(missing);
    for (const { name, text, digest } of missing) {
      await tx.unsafe(text).simple();
      await tx`insert into telemetry.migrations (name, digest) values (${name}, ${digest})`;
    }
    await grantOrganizationRole(tx, role);
    return missing.map(({ name }) => name);
  });
}

/**
 * Whether a telemetry database that was migrated before is at an older version.
 * @throws Error when a file that has run was edited afterwards
 */
export async function isBehind(owner: postgres.Sql): Promise<boolean> {
  return (await missingMigrations(owner)).length > 0;
}

/** Migrations of telemetry run unattended, on one database after the other: none of them removes data. */
function refuseDestruction(missing: readonly Migration[]): void {
  const found = missing.flatMap(({ name, text }) => destructiveStatements(text).map((each) => `${name}: ${each}`));
  if (found.length > 0) throw new Error(`migrations of telemetry remove no data: ${found.join('; ')}`);
}

interface Migration {
  readonly name: string;
  readonly text: string;
  readonly digest: string;
}

async function missingMigrations(sql: postgres.Sql | postgres.TransactionSql): Promise<Migration[]> {
  const done = await sql<{ name: string; digest: string }[]>`select name, digest from telemetry.migrations`;
  const digests = new Map(done.map((row) => [row.name, row.digest]));
  return readMigrations().filter(({ name, digest }) => {
    const known = digests.get(name);
    if (known !== undefined && known !== digest) {
      throw new Error(`${name} was edited after it had run: add a new migration instead`);
    }
    return known === undefined;
  });
}

function readMigrations(): Migration[] {
  return readdirSync(migrationsFolder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => {
      const text = readFileSync(join(migrationsFolder, name), 'utf8');
      return { name, text, digest: createHash('sha256').update(text).digest('hex') };
    });
}
