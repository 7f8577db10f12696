import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type postgres from 'postgres';
import { prepareDatabase, rolesOf } from '../../db/cluster.js';
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

const run = (key = contextKey) =>
  migrate(
    `postgres://bulkhead_migrator:${cluster.passwords.bulkhead_migrator}@127.0.0.1:${cluster.port}/${name}`,
    operationalMigrations,
    key,
  );
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

const keys = () =>
  admin`select encode(inner_pad, 'hex') as inner, encode(outer_pad, 'hex') as outer from platform.context_keys`;
