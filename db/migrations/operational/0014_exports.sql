-- Archives of organizations: who asked for one, how far it is, until when it can be fetched. The archive itself is a
-- file, encrypted to `recipient`; the key that opens it is shown once and kept nowhere.
create table app.exports (
  org_id uuid not null references app.organizations (org_id) on delete restrict,
  id uuid not null,
  state text not null default 'REQUESTED'
    check (state in ('REQUESTED', 'RUNNING', 'READY', 'DOWNLOADED', 'FAILED', 'CANCELLED', 'EXPIRED')),
  -- Public half of the key that was shown (age, X25519).
  recipient text not null check (recipient ~ '^age1[0-9a-z]{58}$'),
  -- Hours for which the archive can be fetched once it is ready.
  life_hours integer not null check (life_hours between 1 and 24),
  -- Counts the attempts: what an earlier one still writes is refused.
  attempts integer not null default 0,
  tables_done integer not null default 0,
  tables_total integer not null default 0,
  rows_written bigint not null default 0,
  bytes_written bigint not null default 0,
  failure text check (char_length(failure) <= 500),
  -- Bytes of the archive as it is downloaded.
  archive_bytes bigint,
  archive_sha256 text check (archive_sha256 ~ '^[0-9a-f]{64}$'),
  ready_at timestamptz,
  expires_at timestamptz,
  -- The download under way, and until when it counts as such unless it is renewed.
  download_id uuid,
  claimed_until timestamptz,
  downloads_begun integer not null default 0,
  ended_at timestamptz,
  created_at timestamptz not null default now(),
  created_by text not null,
  primary key (org_id, id),
  check (state <> 'READY' or (archive_bytes is not null and expires_at is not null))
);
-- One archive of an organization at a time takes room and work.
create unique index exports_one_at_a_time on app.exports (org_id) where state in ('REQUESTED', 'RUNNING', 'READY');

alter table app.exports enable row level security;
alter table app.exports force row level security;

create policy visible on app.exports for select to bulkhead_gateway, bulkhead_worker
  using (org_id = (select app.org_id()) and 'ORGANIZATION/' || org_id like any ((select app.visible('ORGANIZATION'))::text[]));
create policy created on app.exports for insert to bulkhead_gateway
  with check (org_id = (select app.org_id()) and 'ORGANIZATION/' || org_id like any ((select app.changeable('ORGANIZATION', 'admin'))::text[]));
create policy changed on app.exports for update to bulkhead_gateway, bulkhead_worker
  using (org_id = (select app.org_id()) and 'ORGANIZATION/' || org_id like any ((select app.changeable('ORGANIZATION', 'admin'))::text[]));

grant select, insert on app.exports to bulkhead_gateway;
grant update (state, download_id, claimed_until, downloads_begun, ended_at) on app.exports to bulkhead_gateway;
grant select on app.exports to bulkhead_worker;
grant update (state, attempts, tables_done, tables_total, rows_written, bytes_written, failure, archive_bytes,
  archive_sha256, ready_at, expires_at, download_id, claimed_until, ended_at) on app.exports to bulkhead_worker;

-- The worker reads what goes into an archive, under the policies that the gateway reads under: the columns that
-- `export/table-decisions.ts` names, no hash of a secret among them.
alter policy visible on app.api_keys to bulkhead_gateway, bulkhead_worker;
alter policy visible on app.metric_definitions to bulkhead_gateway, bulkhead_worker;
alter policy visible on app.thing_types to bulkhead_gateway, bulkhead_worker;
alter policy visible on app.thing_type_versions to bulkhead_gateway, bulkhead_worker;
alter policy visible on app.thing_type_metrics to bulkhead_gateway, bulkhead_worker;
alter policy visible on app.places to bulkhead_gateway, bulkhead_worker;
alter policy visible on app.level_types to bulkhead_gateway, bulkhead_worker;
alter policy visible on app.level_type_parents to bulkhead_gateway, bulkhead_worker;
alter policy visible on app.levels to bulkhead_gateway, bulkhead_worker;
alter policy visible on app.level_groups to bulkhead_gateway, bulkhead_worker;
alter policy visible on app.level_group_members to bulkhead_gateway, bulkhead_worker;
alter policy visible on app.things to bulkhead_gateway, bulkhead_worker;
alter policy visible on app.thing_integrations to bulkhead_gateway, bulkhead_worker;
alter policy visible on app.templates to bulkhead_gateway, bulkhead_worker;
alter policy visible on app.template_revisions to bulkhead_gateway, bulkhead_worker;

grant select on app.api_keys, app.metric_definitions, app.thing_types, app.thing_type_versions, app.thing_type_metrics,
  app.places, app.level_types, app.level_type_parents, app.levels, app.level_groups, app.level_group_members,
  app.things, app.thing_integrations, app.templates, app.template_revisions to bulkhead_worker;

-- The audit log belongs to another owner.
set local role bulkhead_audit;
alter policy visible on audit.entries to bulkhead_gateway, bulkhead_worker;
alter policy visible on audit.usage to bulkhead_gateway, bulkhead_worker;
grant select on audit.entries, audit.usage to bulkhead_worker;
set local role bulkhead_owner;

insert into platform.job_tasks (name, concerns, enqueued_by, max_attempts, is_movable) values
  ('exportOrganization', 'ORGANIZATION', array['API_KEY'], 6, false),
  ('removeArchive', 'ROW', array['API_KEY'], 10, false),
  ('expireExports', 'DEPLOYMENT', '{}', 3, true);
