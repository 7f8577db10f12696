import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dumpSchema, schemaDumps } from '../../db/dump-schema.js';
import { packageRoot } from '../../db/package-root.js';
import { openTwoDatabases, type TwoDatabases } from '../support/two-databases.js';

let copies: TwoDatabases;
beforeAll(async () => {
  copies = await openTwoDatabases();
});
afterAll(() => copies?.stop());

const dump = (kind: 'operational' | 'vault') => dumpSchema((statement) => copies.admin[kind].unsafe(statement));

describe.each(schemaDumps)('$file', ({ kind, file }) => {
  it('is what the migrations make', async () => {
    const committed = readFileSync(join(packageRoot, file), 'utf8').split('\n');
    const current = (await dump(kind)).split('\n');
    const line = current.findIndex((text, index) => text !== committed[index]);
    if (line >= 0 || current.length !== committed.length) {
      const difference = `line ${line + 1} is ${JSON.stringify(committed[line])}, would be ${JSON.stringify(current[line])}`;
      throw new Error(`${file} is not what the migrations make: run \`npm run dump-schema\`; ${difference}`);
    }
  });
});

describe('a dump', () => {
  it.each([
    'alter table app.places add column floor_count integer',
    'alter table app.places alter column name drop not null',
    'alter table app.places no force row level security',
    'alter table app.places drop constraint places_pkey cascade',
    'alter function app.context() owner to bulkhead_audit',
    'alter function app.org_id() volatile',
    'create index more on app.places (org_id, name)',
    'create policy more on app.places for select using (org_id is null)',
    'create function app.more() returns integer language sql return 1',
    'create view app.more as select 1 as one',
    'grant delete on app.places to bulkhead_worker',
    'grant update (id) on app.places to bulkhead_gateway',
    'grant execute on function platform.set_context_key(bytea) to bulkhead_gateway',
    'grant create on schema app to bulkhead_gateway',
    'alter default privileges for role bulkhead_owner grant execute on functions to public',
  ])('shows %s', async (statement) => {
    const before = await dump('operational');
    const sql = copies.admin.operational;
    await sql.unsafe('begin');
    await sql.unsafe(statement);
    const after = await dump('operational');
    await sql.unsafe('rollback');
    expect(after).not.toBe(before);
  });

  it('refuses an object of a kind that it does not describe', async () => {
    const sql = copies.admin.operational;
    await sql.unsafe('begin');
    await sql.unsafe('create sequence app.numbers');
    await expect(dump('operational')).rejects.toThrow('not described: app.numbers');
    await sql.unsafe('rollback');
  });
});
