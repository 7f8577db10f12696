import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type postgres from 'postgres';
import { packageRoot } from '../db/package-root.js';

const migrationsFolder = join(packageRoot, 'telemetry', 'migrations');

/**
 * Brings the schema of one telemetry database to the newest version: plain SQL, forward only, all in one transaction
 * under an advisory lock, so that of twenty at once one works and the others find nothing to do. What a newer version of
 * Bulkhead has applied is left alone.
 * @param owner a connection as the owner of the database
 * @returns names of the files that were applied now
 * @throws Error when a file that has run was edited afterwards
 */
export async function migrateSchema(owner: postgres.Sql): Promise<readonly string[]> {
  return owner.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(hashtextextended('bulkhead:telemetry:migrate', 0))`;
    await tx`create schema if not exists telemetry`;
    await tx`create table if not exists telemetry.migrations (
      name text primary key, digest text not null, applied_at timestamptz not null default now())`;
    const done = await tx<{ name: string; digest: string }[]>`select name, digest from telemetry.migrations`;
    const digests = new Map(done.map((row) => [row.name, row.digest]));
    const applied: string[] = [];
    for (const { name, text, digest } of readMigrations()) {
      const known = digests.get(name);
      if (known === digest) continue;
      if (known !== undefined) throw new Error(`${name} was edited after it had run: add a new migration instead`);
      await tx.unsafe(text).simple();
      await tx`insert into telemetry.migrations (name, digest) values (${name}, ${digest})`;
      applied.push(name);
    }
    return applied;
  });
}

function readMigrations(): { name: string; text: string; digest: string }[] {
  return readdirSync(migrationsFolder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => {
      const text = readFileSync(join(migrationsFolder, name), 'utf8');
      return { name, text, digest: createHash('sha256').update(text).digest('hex') };
    });
}
