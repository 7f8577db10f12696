import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type postgres from 'postgres';
import { prepareDatabase, rolesOf } from '../../db/cluster.js';
import { type DestructionPermission, destructionGuard } from '../../db/destruction-guard.js';
import { destructiveStatements } from '../../db/destructive-statements.js';
import { dumpSchema } from '../../db/dump-schema.js';
import { migrate, operationalMigrations } from '../../db/migrate.js';
import { packageRoot } from '../../db/package-root.js';
import { connectAsAdmin } from '../support/admin-connection.js';
import { testCluster } from '../support/test-cluster.js';

const cluster = testCluster();
const contextKey = Buffer.from(cluster.contextKey, 'hex');
let name = '';
let admin: postgres.Sql;

/** An empty database, as the start makes it before it migrates. */
beforeEach(async () => {
  name = `migrations_${randomBytes(6).toString('hex')}`;
  const maker = connectAsAdmin(cluster, 'postgres');
  await prepareDatabase(maker, name, rolesOf('operational'));
  await maker.end();
  admin = connectAsAdmin(cluster, name);
});
afterEach(() => admin.end());

const url = () =>
  `postgres://bulkhead_migrator:${cluster.passwords.bulkhead_migrator}@127.0.0.1:${cluster.port}/${name}`;
const run = (key = contextKey) => migrate(url(), operationalMigrations, key);
const dump = () => dumpSchema((statement) => admin.unsafe(statement));
const entries = () => admin`select name, digest, applied_at from platform.migrations order by name`;

describe('migrate', () => {
  it('runs every file in order and notes its digest', async () => {
    const { applied } = await run();
    expect(applied).toEqual([...applied].sort());
    expect(applied.length).toBeGreaterThanOrEqual(7);
    const noted = await entries();
    expect(noted.map((row) => row['name'])).toEqual(applied);
    for (const row of noted) {
      const text = readFileSync(join(packageRoot, 'db', 'migrations', row['name'] as string));
      expect(row['digest']).toBe(createHash('sha256').update(text).digest('hex'));
    }
  });

  it('changes nothing when it is run again', async () => {
    await run();
    const before = { schema: await dump(), entries: await entries(), keys: await keys() };
    expect(await run()).toEqual({ applied: [] });
    expect({ schema: await dump(), entries: await entries(), keys: await keys() }).toEqual(before);
  });

  it('is fine when twenty are started at once: one works, the others find nothing to do', async () => {
    const reports = await Promise.all(Array.from({ length: 20 }, () => run()));
    const working = reports.filter(({ applied }) => applied.length > 0);
    expect(working).toHaveLength(1);
    expect((await entries()).map((row) => row['name'])).toEqual(working[0]?.applied);
  });

  it('takes a new context key', async () => {
    await run();
    const before = await keys();
    await run(randomBytes(32));
    expect(await keys()).not.toEqual(before);
  });

  it('refuses a file that was edited after it had run', async () => {
    await run();
    await admin`update platform.migrations set digest = ${'0'.repeat(64)} where name = 'operational/0004_audit.sql'`;
    const before = { schema: await dump(), entries: await entries() };
    await expect(run()).rejects.toThrow('operational/0004_audit.sql was edited after it had run');
    expect({ schema: await dump(), entries: await entries() }).toEqual(before);
  });

  it('refuses a database that ran a migration that it does not know', async () => {
    await run();
    await admin`insert into platform.migrations (name, digest) values ('operational/9999_of_tomorrow.sql', '')`;
    const message =
      'the database has run operational/9999_of_tomorrow.sql, which this version of Bulkhead does not know';
    await expect(run()).rejects.toThrow(message);
  });

  it('leaves nothing of a file that fails', async () => {
    await run();
    await admin`delete from platform.migrations where name = 'operational/0006_grants.sql'`;
    await admin`drop function app.touch_api_key()`;
    const before = { schema: await dump(), entries: await entries() };
    await expect(run()).rejects.toThrow('app.touch_api_key');
    expect({ schema: await dump(), entries: await entries() }).toEqual(before);
  });
});

describe('a migration that removes data', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bulkhead-migrations-'));
    writeFileSync(join(folder, '0001_gone.sql'), 'select 1;\n-- no longer needed\nDROP TABLE\n app.templates cascade;');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is refused unless that is allowed and a base backup is fresh, and leaves everything as it is', async () => {
    await run();
    const before = { schema: await dump(), entries: await entries() };
    const attempt = (permission?: DestructionPermission) =>
      migrate(
        url(),
        [...operationalMigrations, folder],
        contextKey,
        ...(permission === undefined ? [] : [destructionGuard(url(), permission)]),
      );
    const allowed = { allowDestructive: true, withoutBackup: false };
    await expect(attempt()).rejects.toThrow(/0001_gone\.sql: drop table app\.templates cascade.*--allow-destructive/);
    await expect(attempt(allowed)).rejects.toThrow('There is no base backup');
    await admin`insert into platform.base_backups (id, started_at, ended_at, outcome)
                values ('20260101T000000Z', now(), now() - interval '50 hours', 'COMPLETE')`;
    await expect(attempt(allowed)).rejects.toThrow('The newest base backup is 50 hours old');
    expect({ schema: await dump(), entries: await entries() }).toEqual(before);
    await admin`update platform.base_backups set ended_at = now() - interval '1 hour'`;
    expect((await attempt(allowed)).applied).toEqual([`${folder}/0001_gone.sql`]);
    expect(await dump()).not.toContain('create table app.templates');
  });

  it('is told from others by its statements', () => {
    const removing = [
      'drop table a',
      'alter table a drop b',
      'alter table a add c text, drop column if exists b',
      'alter table a alter column b type integer',
      'truncate a',
      'delete from a where b',
      "do $$ begin execute 'drop table a'; end $$",
      'do $x$ begin execute format($q$drop schema %I$q$, 1); end $x$',
      "select '--'; drop database a",
    ];
    for (const statement of removing)
      expect([statement, destructiveStatements(statement).length]).toEqual([statement, 1]);
    const keeping = [
      'alter table a drop constraint b',
      'alter table a alter column b drop not null',
      'drop function f()',
      '-- drop table a',
      'create function f() returns void language plpgsql as $$ begin delete from a; end $$',
      'grant delete, truncate on a to b',
      'create policy p on a for delete to b using (c)',
    ];
    for (const statement of keeping) expect([statement, destructiveStatements(statement)]).toEqual([statement, []]);
  });

  it('is none of those that are shipped', () => {
    const found = ['db/migrations/common', 'db/migrations/operational', 'db/migrations/vault', 'telemetry/migrations']
      .flatMap((each) => readdirSync(join(packageRoot, each)).map((file) => join(packageRoot, each, file)))
      .flatMap((file) => destructiveStatements(readFileSync(file, 'utf8')));
    expect(found).toEqual([]);
  });
});

const keys = () =>
  admin`select encode(inner_pad, 'hex') as inner, encode(outer_pad, 'hex') as outer from platform.context_keys`;
