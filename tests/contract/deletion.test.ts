import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openTwoDatabases, type TwoDatabases } from '../support/two-databases.js';

/** Tables that have no organization, and so nothing to be removed. */
const ofTheDeployment: Readonly<Record<string, string>> = {
  'platform.alerts': 'faults of the deployment',
  'platform.backup_drills': 'what drills have found',
  'platform.backup_state': 'how fresh backups are',
  'platform.base_backups': 'base backups of the whole cluster',
  'platform.checkpoint_copies': 'how far copies are',
  'platform.checkpoints': 'signed roots of the deployment',
  'platform.context_keys': 'the key of contexts',
  'platform.deployment_keys': 'ids of keys',
  'platform.job_tasks': 'tasks',
  'platform.job_workers': 'workers',
  'platform.ledger_ends': 'how far the ledger is',
  'platform.migrations': 'versions of the schema',
  'platform.operators': 'operators',
  'platform.posture_results': 'what checks have found, without data of organizations',
  'platform.posture_runs': 'when posture was looked at',
  'platform.processes': 'processes and their metrics',
  'platform.recoveries': 'when the database was put back in time',
};

let copies: TwoDatabases;

beforeAll(async () => {
  copies = await openTwoDatabases();
});
afterAll(() => copies?.stop());

describe('a deletion', () => {
  it('can empty every table of organizations, and finds one that it cannot', async () => {
    const sql = copies.admin.operational;
    const faults = async () =>
      (await sql<{ name: string; fault: string }[]>`select * from platform.deletion_faults()`).map((row) => ({
        ...row,
      }));
    expect(await faults()).toEqual([]);
    await sql.unsafe(`create table app.late (org_id uuid primary key); alter table app.late owner to bulkhead_owner;
      alter table app.late enable row level security`);
    expect(await faults()).toEqual([
      { name: 'app.late', fault: 'has no policies for the deletion: call platform.include_in_deletion' },
    ]);
    await sql.unsafe(`drop table app.late; create table app.foreign_owned (org_id uuid primary key)`);
    expect(await faults()).toEqual([{ name: 'app.foreign_owned', fault: 'belongs to another role' }]);
    await sql`drop table app.foreign_owned`;
  });

  it('is not asked for by the functions that every request calls', async () => {
    const orgId = await copies.newOrganization();
    const plan = await copies.admin.operational.begin(async (tx) => {
      await tx`insert into app.api_keys (org_id, id, type, name, scopes, created_by)
               values (${orgId}, 'abcdefghijkl', 'ADMIN', 'key', '["x"]', 'test')`;
      await tx`set local role bulkhead_owner`;
      await tx`select set_config('app.lookup_org', ${orgId}, true)`;
      return tx`explain (analyze, costs off, timing off, summary off) select revision from app.api_keys
                where org_id = ${orgId} and id = 'abcdefghijkl'`;
    });
    const lines = plan.map((row) => String(row['QUERY PLAN']));
    expect(lines.find((line) => line.includes('api_keys'))).toContain('rows=1');
    expect(lines.filter((line) => line.includes('never executed'))).toHaveLength(2);
  });

  it('knows of every table whether it has rows of organizations', async () => {
    const rows = await copies.admin.operational<{ name: string }[]>`
      select n.nspname || '.' || c.relname as name from pg_class c
      join pg_namespace n on n.oid = c.relnamespace and n.nspname not in ('pg_catalog', 'information_schema', 'graphile_worker')
      where c.relkind in ('r', 'p')
        and not exists (select from platform.tables_of_organizations() t where t.relation = c.oid)
        and c.relpersistence <> 't' and n.nspname !~ '^pg_toast' order by 1`;
    expect(rows.map(({ name }) => name)).toEqual(Object.keys(ofTheDeployment));
  });
});
