import { asAdmin } from './admin.js';
import type { Deployment } from './deployment.js';
import type { SeededOrganization } from './manifest.js';
import { telemetryDatabases } from './telemetry-databases.js';

/**
 * Telemetry once more as tables of the operational database, for peers that know one database only: latest values under
 * the same row-level security, and readings with a function that writes both, as ingest does.
 */
export async function loadSingleDatabase(
  deployment: Deployment,
  organizations: readonly SeededOrganization[],
): Promise<void> {
  await asAdmin(deployment, 'bulkhead', (sql) => sql.unsafe(tables));
  const databases = new Map((await telemetryDatabases(deployment)).map((database) => [database.orgId, database.name]));
  for (const { orgId } of organizations) {
    const database = databases.get(orgId) ?? '';
    const rows = await asAdmin(
      deployment,
      database,
      (sql) => sql<{ thing_id: string; metric_id: string; at: Date; double_value: number }[]>`
        select thing_id, metric_id, at, double_value from telemetry.latest`,
    );
    const column = (pick: (row: (typeof rows)[number]) => unknown) => `{${rows.map(pick).join(',')}}`;
    await asAdmin(
      deployment,
      'bulkhead',
      (sql) => sql`
        insert into bench.latest (org_id, thing_id, metric_id, at, double_value)
        select ${orgId}::uuid, * from unnest(${column((row) => row.thing_id)}::uuid[],
          ${column((row) => row.metric_id)}::text[], ${column((row) => `"${row.at.toISOString()}"`)}::timestamptz[],
          ${column((row) => row.double_value)}::float8[])`,
    );
  }
  await asAdmin(deployment, 'bulkhead', (sql) => sql`vacuum (analyze) bench.latest`);
}

const tables = `
  drop schema if exists bench cascade;
  create schema bench authorization bulkhead_owner;
  grant usage on schema bench to bulkhead_gateway;
  create table bench.latest (
    org_id uuid not null, thing_id uuid not null, metric_id text collate "C" not null,
    at timestamptz not null, double_value float8 not null,
    primary key (org_id, thing_id, metric_id),
    foreign key (org_id, thing_id) references app.things (org_id, id) on delete cascade
  ) with (fillfactor = 60);
  create table bench.readings (
    org_id uuid not null, thing_id uuid not null, metric_id text collate "C" not null,
    at timestamptz not null, double_value float8 not null,
    primary key (org_id, thing_id, metric_id, at)
  );
  create function bench.ingest(frames jsonb) returns int language sql volatile set search_path = pg_catalog, pg_temp as $$
    with incoming as materialized (
      select app.org_id() as org_id, (f->>'thingId')::uuid as thing_id, m.id as metric_id,
             to_timestamp((f->>'timestamp')::float8 / 1000) as at, (v.value)::float8 as double_value
      from jsonb_array_elements(frames) f
      cross join lateral jsonb_each_text(f->'metrics') v
      join app.things t on t.id = (f->>'thingId')::uuid
      join app.metric_definitions m on m.org_id = t.org_id and lower(m.name) = lower(v.key) and m.deleted_at is null
    ), written as (
      insert into bench.readings as r select * from incoming order by thing_id, metric_id, at
      on conflict (org_id, thing_id, metric_id, at) do update set double_value = excluded.double_value
      where r.double_value is distinct from excluded.double_value
    ), newest as (
      insert into bench.latest as l
      select distinct on (thing_id, metric_id) * from incoming order by thing_id, metric_id, at desc
      on conflict (org_id, thing_id, metric_id) do update set at = excluded.at, double_value = excluded.double_value
      where excluded.at >= l.at
    )
    select count(*)::int from incoming
  $$;
  revoke all on function bench.ingest(jsonb) from public;
  grant execute on function bench.ingest(jsonb) to bulkhead_gateway;
  do $$ declare t text; begin
    foreach t in array array['latest', 'readings'] loop
      execute format('alter table bench.%I owner to bulkhead_owner', t);
      execute format('alter table bench.%I enable row level security', t);
      execute format('alter table bench.%I force row level security', t);
      execute format('create policy own on bench.%I to bulkhead_gateway using (org_id = (select app.org_id()))', t);
      execute format('grant select, insert, update on bench.%I to bulkhead_gateway', t);
    end loop;
  end $$;
`;
