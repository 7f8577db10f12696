-- The ontology: metric definitions, thing types and their versions. Soft-deleted; no DELETE is granted to anybody.
create table app.metric_definitions (
  org_id uuid not null references app.organizations (org_id) on delete restrict,
  id text not null check (id ~ '^mdef_[0-9a-z]{26}$'),
  name text not null check (char_length(name) between 1 and 100),
  data_type text not null check (data_type in ('INT', 'DOUBLE', 'STRING', 'BOOL', 'JSON')),
  default_aggregation text not null check (default_aggregation in ('FIRST', 'LAST', 'AVG', 'SUM', 'COUNT')),
  display_name text check (char_length(display_name) <= 200),
  description text check (char_length(description) <= 500),
  unit_label text check (char_length(unit_label) <= 50),
  tags text[] not null default '{}',
  enum_values jsonb,
  deleted_at timestamptz,
  deleted_by text,
  created_at timestamptz not null default now(),
  created_by text not null,
  updated_at timestamptz,
  updated_by text,
  primary key (org_id, id),
  check (enum_values is null or data_type = 'INT'),
  check (default_aggregation in ('FIRST', 'LAST', 'COUNT') or (data_type in ('INT', 'DOUBLE') and enum_values is null))
);
-- Names are matched case-insensitively at ingest, so they are unique so.
create unique index metric_definitions_active_name on app.metric_definitions (org_id, lower(name)) where deleted_at is null;

create table app.thing_types (
  org_id uuid not null references app.organizations (org_id) on delete restrict,
  id text not null check (id ~ '^tdefi_[0-9a-z]{26}$'),
  display_name text not null check (char_length(display_name) between 1 and 100 and display_name !~ '[/#]'),
  description text check (char_length(description) <= 500),
  default_image_url text check (char_length(default_image_url) <= 2048),
  default_icon_url text check (char_length(default_icon_url) <= 2048),
  latest_version_id text not null,
  latest_version_number integer not null check (latest_version_number >= 1),
  deleted_at timestamptz,
  deleted_by text,
  created_at timestamptz not null default now(),
  created_by text not null,
  updated_at timestamptz,
  updated_by text,
  primary key (org_id, id)
);
create unique index thing_types_active_name on app.thing_types (org_id, display_name) where deleted_at is null;

create table app.thing_type_versions (
  org_id uuid not null,
  id text not null check (id ~ '^tdef_[0-9a-z]{26}$'),
  thing_type_id text not null,
  version integer not null check (version >= 1),
  display_name text not null check (char_length(display_name) between 1 and 100),
  description text check (char_length(description) <= 500),
  tags text[] not null default '{}',
  model_metadata jsonb,
  property_definitions jsonb not null default '[]',
  allowed_sub_definition_ids text[] not null default '{}',
  deleted_metric_ids text[] not null default '{}',
  created_at timestamptz not null default now(),
  created_by text not null,
  updated_at timestamptz,
  updated_by text,
  primary key (org_id, id),
  unique (org_id, thing_type_id, id),
  unique (org_id, thing_type_id, version),
  foreign key (org_id, thing_type_id) references app.thing_types (org_id, id) on delete restrict
);
alter table app.thing_types add foreign key (org_id, id, latest_version_id)
  references app.thing_type_versions (org_id, thing_type_id, id) deferrable initially deferred;

-- The metric set of a version: immutable, so neither UPDATE nor DELETE is granted.
create table app.thing_type_metrics (
  org_id uuid not null,
  thing_type_id text not null,
  version_id text not null,
  metric_id text not null,
  position integer not null check (position >= 0),
  primary key (org_id, version_id, metric_id),
  unique (org_id, version_id, position),
  foreign key (org_id, thing_type_id, version_id)
    references app.thing_type_versions (org_id, thing_type_id, id) on delete restrict,
  foreign key (org_id, metric_id) references app.metric_definitions (org_id, id) on delete restrict
);
create index thing_type_metrics_metric on app.thing_type_metrics (org_id, metric_id);

-- The moment of a version is the begin of the transaction that makes it: no UPDATE of it is granted.
create function app.date_version() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  new.created_at := transaction_timestamp();
  return new;
end $$;
create trigger date_version before insert on app.thing_type_versions
  for each row execute function app.date_version();

-- Metrics come with their version, in one transaction, or not at all. `xmin` alone would not tell: an update of the
-- version renews it. After the statement, so that policies and keys decide first.
create function app.keep_metric_set() returns trigger
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  if exists (
    select from added a where not exists (
      select from app.thing_type_versions v
      where v.org_id = a.org_id and v.id = a.version_id and v.created_at = transaction_timestamp()
        and v.xmin::text = (pg_current_xact_id()::text::bigint % 4294967296)::text)
  ) then
    raise exception 'the metrics of a version are fixed' using errcode = 'insufficient_privilege';
  end if;
  return null;
end $$;
create trigger keep_metric_set after insert on app.thing_type_metrics referencing new table as added
  for each statement execute function app.keep_metric_set();

-- Creating is decided on the parent: a version, with its metrics, by a scope on the type. `case` around what is visible
-- tells the planner that it is half of the rows: for LIKE with unknown patterns it takes half a percent, and would rather
-- sort all rows of an organization than read a page of them by index.
do $$
declare
  entry record;
begin
  for entry in values
    ('metric_definitions', '''DEFINITION/Metric/'' || id', '''DEFINITION/Metric/'' || id'),
    ('thing_types', '''DEFINITION/ThingType/'' || id', '''DEFINITION/ThingType/'' || id'),
    ('thing_type_versions', '''DEFINITION/ThingTypeVersion/'' || id', '''DEFINITION/ThingType/'' || thing_type_id'),
    ('thing_type_metrics', '''DEFINITION/ThingTypeVersion/'' || version_id', '''DEFINITION/ThingType/'' || thing_type_id')
  loop
    execute format('alter table app.%I enable row level security', entry.column1);
    execute format('alter table app.%I force row level security', entry.column1);
    execute format('create policy visible on app.%I for select to bulkhead_gateway using (org_id = (select app.org_id()) and case when %s like any ((select app.visible(''DEFINITION''))::text[]) then true end)', entry.column1, entry.column2);
    execute format('create policy created on app.%I for insert to bulkhead_gateway with check (org_id = (select app.org_id()) and %s like any ((select app.changeable(''DEFINITION'', ''write''))::text[]))', entry.column1, entry.column3);
    execute format('create policy known_to_owner on app.%I for select to bulkhead_owner using (org_id = (select app.org_id()))', entry.column1);
    if entry.column1 <> 'thing_type_metrics' then
      execute format('create policy changed on app.%I for update to bulkhead_gateway using (org_id = (select app.org_id()) and %s like any ((select app.changeable(''DEFINITION'', ''write''))::text[]))', entry.column1, entry.column2);
    end if;
  end loop;
end $$;
