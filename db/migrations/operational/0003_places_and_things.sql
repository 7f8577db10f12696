-- Places (sites and fleets), the levels of sites, integrations and things.
create table app.places (
  org_id uuid not null references app.organizations (org_id) on delete restrict,
  id uuid not null,
  place_type text not null check (place_type in ('Site', 'Fleet')),
  name text not null check (char_length(name) between 1 and 200),
  latitude float8 check (latitude between -90 and 90),
  longitude float8 check (longitude between -180 and 180),
  address text check (char_length(address) <= 500),
  attributes jsonb not null default '{}',
  preferred_display_metric_ids text[] not null default '{}',
  created_at timestamptz not null default now(),
  created_by text not null,
  updated_at timestamptz,
  updated_by text,
  primary key (org_id, id),
  unique (org_id, place_type, id),
  check ((latitude is null) = (longitude is null)),
  check (place_type <> 'Site' or (latitude is not null and address is not null)),
  check (place_type <> 'Fleet' or address is null)
);

create table app.level_types (
  org_id uuid not null,
  site_id uuid not null,
  id uuid not null,
  name text not null check (char_length(name) between 1 and 100),
  created_at timestamptz not null default now(),
  created_by text not null,
  updated_at timestamptz,
  updated_by text,
  primary key (org_id, id),
  unique (org_id, site_id, id),
  unique (org_id, site_id, name),
  foreign key (org_id, site_id) references app.places (org_id, id) on delete restrict
);

-- Which types may be parents of a type; a type without a parent is the type of the root level.
create table app.level_type_parents (
  org_id uuid not null,
  site_id uuid not null,
  level_type_id uuid not null,
  parent_type_id uuid not null,
  primary key (org_id, level_type_id, parent_type_id),
  foreign key (org_id, site_id, level_type_id) references app.level_types (org_id, site_id, id) on delete cascade,
  foreign key (org_id, site_id, parent_type_id) references app.level_types (org_id, site_id, id) on delete restrict
);
create index level_type_parents_parent on app.level_type_parents (org_id, parent_type_id);

create table app.levels (
  org_id uuid not null,
  site_id uuid not null,
  id uuid not null,
  level_type_id uuid not null,
  parent_id uuid,
  name text not null check (char_length(name) between 1 and 200),
  description text check (char_length(description) <= 500),
  address text check (char_length(address) <= 500),
  latitude float8 check (latitude between -90 and 90),
  longitude float8 check (longitude between -180 and 180),
  altitude float8,
  attributes jsonb not null default '{}',
  created_at timestamptz not null default now(),
  created_by text not null,
  updated_at timestamptz,
  updated_by text,
  primary key (org_id, id),
  unique (org_id, site_id, id),
  check ((latitude is null) = (longitude is null)),
  check (parent_id is distinct from id),
  foreign key (org_id, site_id) references app.places (org_id, id) on delete restrict,
  foreign key (org_id, site_id, level_type_id) references app.level_types (org_id, site_id, id) on delete restrict,
  foreign key (org_id, site_id, parent_id) references app.levels (org_id, site_id, id) on delete restrict
);
create unique index levels_one_root on app.levels (org_id, site_id) where parent_id is null;
create index levels_parent on app.levels (org_id, parent_id);

create table app.level_groups (
  org_id uuid not null,
  site_id uuid not null,
  id uuid not null,
  name text not null check (char_length(name) between 1 and 200),
  created_at timestamptz not null default now(),
  created_by text not null,
  updated_at timestamptz,
  updated_by text,
  primary key (org_id, id),
  unique (org_id, site_id, id),
  unique (org_id, site_id, name),
  foreign key (org_id, site_id) references app.places (org_id, id) on delete restrict
);

create table app.level_group_members (
  org_id uuid not null,
  site_id uuid not null,
  level_group_id uuid not null,
  level_id uuid not null,
  primary key (org_id, level_group_id, level_id),
  foreign key (org_id, site_id, level_group_id) references app.level_groups (org_id, site_id, id) on delete cascade,
  foreign key (org_id, site_id, level_id) references app.levels (org_id, site_id, id) on delete cascade
);
create index level_group_members_level on app.level_group_members (org_id, level_id);

create table app.integrations (
  org_id uuid not null references app.organizations (org_id) on delete restrict,
  id uuid not null,
  name text not null check (char_length(name) between 1 and 200),
  direction text not null check (direction in ('INGRESS', 'EGRESS')),
  type text not null check (type ~ '^[A-Z][A-Z0-9_]{0,49}$'),
  is_enabled boolean not null default true,
  properties jsonb not null default '{}',
  resources jsonb not null default '[]',
  metadata jsonb not null default '{}',
  created_at timestamptz not null default now(),
  created_by text not null,
  updated_at timestamptz,
  updated_by text,
  primary key (org_id, id),
  unique (org_id, direction, type, id)
);

create table app.things (
  org_id uuid not null,
  id uuid not null,
  place_type text not null,
  place_id uuid not null,
  level_id uuid,
  thing_type_id text not null,
  thing_type_version_id text not null,
  name text not null check (char_length(name) between 1 and 256),
  description text check (char_length(description) <= 500),
  address text check (char_length(address) <= 500),
  model text check (char_length(model) <= 200),
  manufacturer text check (char_length(manufacturer) <= 200),
  manufacturer_id text check (char_length(manufacturer_id) between 1 and 200),
  is_first_party boolean not null default false,
  is_simulated boolean not null default false,
  latitude float8 check (latitude between -90 and 90),
  longitude float8 check (longitude between -180 and 180),
  altitude float8,
  attributes jsonb not null default '{}',
  properties jsonb not null default '{}',
  created_at timestamptz not null default now(),
  created_by text not null,
  updated_at timestamptz,
  updated_by text,
  primary key (org_id, id),
  check ((latitude is null) = (longitude is null)),
  check (level_id is null or place_type = 'Site'),
  unique (org_id, thing_type_id, manufacturer_id),
  foreign key (org_id, place_type, place_id) references app.places (org_id, place_type, id) on delete restrict,
  foreign key (org_id, place_id, level_id) references app.levels (org_id, site_id, id) on delete restrict,
  foreign key (org_id, thing_type_id) references app.thing_types (org_id, id) on delete restrict,
  foreign key (org_id, thing_type_id, thing_type_version_id)
    references app.thing_type_versions (org_id, thing_type_id, id) on delete restrict
);
create index things_place on app.things (org_id, place_id, id);
create index things_type on app.things (org_id, thing_type_id, id);
create index things_level on app.things (org_id, level_id) where level_id is not null;
create index things_version on app.things (org_id, thing_type_version_id);

create table app.thing_integrations (
  org_id uuid not null,
  thing_id uuid not null,
  integration_id uuid not null,
  primary key (org_id, thing_id, integration_id),
  foreign key (org_id, thing_id) references app.things (org_id, id) on delete cascade,
  foreign key (org_id, integration_id) references app.integrations (org_id, id) on delete restrict
);
create index thing_integrations_integration on app.thing_integrations (org_id, integration_id);

-- An id says which organization it belongs to. Without knowing it, the planner multiplies the chances of both columns,
-- expects no row of many, and compares every row of one list with every row of another.
create statistics app.metric_definitions_id (dependencies) on id, org_id from app.metric_definitions;
create statistics app.thing_types_id (dependencies) on id, org_id from app.thing_types;
create statistics app.thing_type_versions_id (dependencies) on id, org_id from app.thing_type_versions;
create statistics app.thing_type_metrics_version (dependencies) on version_id, org_id from app.thing_type_metrics;
create statistics app.places_id (dependencies) on id, org_id from app.places;
create statistics app.things_id (dependencies) on id, org_id from app.things;
create statistics app.things_place (dependencies) on place_id, org_id from app.things;
create statistics app.levels_id (dependencies) on id, org_id from app.levels;
create statistics app.levels_site (dependencies) on site_id, org_id from app.levels;
create statistics app.level_types_id (dependencies) on id, org_id from app.level_types;
create statistics app.level_groups_id (dependencies) on id, org_id from app.level_groups;
create statistics app.integrations_id (dependencies) on id, org_id from app.integrations;

-- Creating is decided on the parent: a thing by a scope on its place.
do $$
declare
  entry record;
begin
  for entry in values
    ('places', 'PLACE', '''PLACE/'' || place_type || ''/'' || id'),
    ('level_types', 'PLACE', '''PLACE/Site/'' || site_id'),
    ('level_type_parents', 'PLACE', '''PLACE/Site/'' || site_id'),
    ('levels', 'PLACE', '''PLACE/Site/'' || site_id'),
    ('level_groups', 'PLACE', '''PLACE/Site/'' || site_id'),
    ('level_group_members', 'PLACE', '''PLACE/Site/'' || site_id'),
    ('integrations', 'INTEGRATION', '''INTEGRATION/'' || direction || ''/'' || type || ''/'' || id'),
    ('things', 'THING', '''PLACE/'' || place_type || ''/'' || place_id || ''/THING/'' || thing_type_id || ''/'' || id')
  loop
    execute format('alter table app.%I enable row level security', entry.column1);
    execute format('alter table app.%I force row level security', entry.column1);
    execute format('create policy visible on app.%I for select to bulkhead_gateway using (org_id = (select app.org_id()) and case when %s like any ((select app.visible(%L))::text[]) then true end)', entry.column1, entry.column3, entry.column2);
    execute format('create policy created on app.%I for insert to bulkhead_gateway with check (org_id = (select app.org_id()) and %s like any ((select app.changeable(%L, ''write''))::text[]))', entry.column1,
      case entry.column1 when 'things' then '''PLACE/'' || place_type || ''/'' || place_id' else entry.column3 end,
      case entry.column1 when 'things' then 'PLACE' else entry.column2 end);
    if entry.column1 not in ('level_group_members', 'level_type_parents') then
      execute format('create policy changed on app.%I for update to bulkhead_gateway using (org_id = (select app.org_id()) and %s like any ((select app.changeable(%L, ''write''))::text[]))', entry.column1, entry.column3, entry.column2);
    end if;
    execute format('create policy removed on app.%I for delete to bulkhead_gateway using (org_id = (select app.org_id()) and %s like any ((select app.changeable(%L, ''write''))::text[]))', entry.column1, entry.column3, entry.column2);
    execute format('create policy known_to_owner on app.%I for select to bulkhead_owner using (org_id = (select app.org_id()))', entry.column1);
  end loop;
end $$;

-- Rows that have no path of their own follow the thing they belong to.
alter table app.thing_integrations enable row level security;
alter table app.thing_integrations force row level security;
create policy visible on app.thing_integrations for select to bulkhead_gateway
  using (org_id = (select app.org_id()) and exists (
    select from app.things t where t.org_id = thing_integrations.org_id and t.id = thing_integrations.thing_id));
create policy created on app.thing_integrations for insert to bulkhead_gateway
  with check (org_id = (select app.org_id()) and exists (
    select from app.things t where t.org_id = thing_integrations.org_id and t.id = thing_integrations.thing_id
      and 'PLACE/' || t.place_type || '/' || t.place_id || '/THING/' || t.thing_type_id || '/' || t.id
          like any ((select app.changeable('THING', 'write'))::text[])));
create policy removed on app.thing_integrations for delete to bulkhead_gateway
  using (org_id = (select app.org_id()) and exists (
    select from app.things t where t.org_id = thing_integrations.org_id and t.id = thing_integrations.thing_id
      and 'PLACE/' || t.place_type || '/' || t.place_id || '/THING/' || t.thing_type_id || '/' || t.id
          like any ((select app.changeable('THING', 'write'))::text[])));
create policy known_to_owner on app.thing_integrations for select to bulkhead_owner
  using (org_id = (select app.org_id()));

-- The metrics that the type versions of visible things declare: a key that may read or feed a thing knows its metrics
-- without a scope on definitions.
create function app.thing_metrics(thing_ids uuid[])
returns table (thing_id uuid, metric_id text, name text, data_type text, default_aggregation text)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select t.id, m.id, m.name, m.data_type, m.default_aggregation
  from app.things t
  join app.thing_type_metrics tm on tm.org_id = t.org_id and tm.version_id = t.thing_type_version_id
  join app.metric_definitions m on m.org_id = t.org_id and m.id = tm.metric_id
  where t.org_id = (select app.org_id()) and t.id = any (thing_ids)
    and 'PLACE/' || t.place_type || '/' || t.place_id || '/THING/' || t.thing_type_id || '/' || t.id
        like any ((select app.visible('THING'))::text[])
  order by t.id, tm.position;
end;

-- The same by version, each once: what a planned read needs of the things that it found.
create function app.metrics_of_things(thing_ids uuid[])
returns table (version_id text, ordinal integer, metric_id text, name text, data_type text, default_aggregation text)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  org uuid := app.org_id();
  visible text[] := app.visible('THING');
begin
  return query
    select tm.version_id, tm.position, m.id, m.name, m.data_type, m.default_aggregation
    from (
      select distinct t.thing_type_version_id as id from app.things t
      where t.org_id = org and t.id = any (thing_ids)
        and 'PLACE/' || t.place_type || '/' || t.place_id || '/THING/' || t.thing_type_id || '/' || t.id like any (visible)
    ) v
    join app.thing_type_metrics tm on tm.org_id = org and tm.version_id = v.id
    join app.metric_definitions m on m.org_id = org and m.id = tm.metric_id;
end $$;

-- Whether the verified context is one that writes. The functions below tell of rows beyond the scopes of a key, and
-- only a write has a use for that.
create function app.is_writing() returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp
return coalesce(app.context()->>'purpose' = 'write', false);

-- What a thing is bound to, for a key that may write things but not read definitions: the version by id, or the latest
-- version of an active type by id or by display name.
create function app.resolve_thing_type(type_id text, type_name text, version_id text)
returns table (thing_type_id text, thing_type_version_id text, display_name text, property_definitions jsonb)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select t.id, v.id, t.display_name, v.property_definitions
  from app.thing_types t
  join app.thing_type_versions v on v.org_id = t.org_id and v.thing_type_id = t.id
  where (select app.is_writing()) and t.org_id = app.org_id()
    and (resolve_thing_type.type_id is null or t.id = resolve_thing_type.type_id)
    and (type_name is null or t.display_name = type_name)
    and (resolve_thing_type.type_id is not null or type_name is not null)
    and case when version_id is null then t.deleted_at is null and v.id = t.latest_version_id else v.id = version_id end;
end;

-- How many rows hang on a place, whether the key may see them or not.
create function app.place_dependants(place uuid)
returns table (things bigint, levels bigint, level_types bigint, level_groups bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select
    (select count(*) from app.things t where t.org_id = app.org_id() and t.place_id = place),
    (select count(*) from app.levels l where l.org_id = app.org_id() and l.site_id = place),
    (select count(*) from app.level_types y where y.org_id = app.org_id() and y.site_id = place),
    (select count(*) from app.level_groups g where g.org_id = app.org_id() and g.site_id = place)
  where app.is_writing();
end;

-- How many rows hang on a level, whether the key may see them or not.
create function app.level_dependants(level uuid) returns table (things bigint, levels bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select
    (select count(*) from app.things t where t.org_id = app.org_id() and t.level_id = level),
    (select count(*) from app.levels l where l.org_id = app.org_id() and l.parent_id = level)
  where app.is_writing();
end;

-- Whether a level belongs to a site: a key that may write a thing may put it on a level that it cannot read.
create function app.is_level_of(level uuid, site uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp
return app.is_writing()
  and exists (select from app.levels l where l.org_id = app.org_id() and l.site_id = site and l.id = level);

-- How many things take part in an integration, whether the key may see them or not.
create function app.integration_dependants(integration uuid) returns table (things bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select (select count(*) from app.thing_integrations i where i.org_id = app.org_id() and i.integration_id = integration)
  where app.is_writing();
end;

-- Whether each id names an active definition, or an integration, of the organization: a write may refer to it without
-- being able to read it.
create function app.existing_metrics(ids text[]) returns table (id text)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select m.id from app.metric_definitions m
  where (select app.is_writing()) and m.org_id = app.org_id() and m.id = any (ids) and m.deleted_at is null;
end;

create function app.existing_thing_types(ids text[]) returns table (id text)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select t.id from app.thing_types t
  where (select app.is_writing()) and t.org_id = app.org_id() and t.id = any (ids) and t.deleted_at is null;
end;

create function app.existing_integrations(ids uuid[]) returns table (id uuid)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select i.id from app.integrations i
  where (select app.is_writing()) and i.org_id = app.org_id() and i.id = any (ids);
end;

-- How many active things are bound to a thing type, how many active thing types use a metric in their latest version.
create function app.definition_dependants(definition text) returns table (things bigint, thing_types bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select
    (select count(*) from app.things t where t.org_id = app.org_id() and t.thing_type_id = definition),
    (select count(*) from app.thing_types y
     join app.thing_type_metrics m on m.org_id = y.org_id and m.version_id = y.latest_version_id
     where y.org_id = app.org_id() and y.deleted_at is null and m.metric_id = definition)
  where app.is_writing();
end;

-- The latest version of a thing type with its metrics in order, for a key that may change the type: the next version
-- inherits from it, and versions have scopes of their own.
create function app.latest_version(type_id text)
returns table (display_name text, description text, tags jsonb, model_metadata jsonb, property_definitions jsonb,
  allowed_sub_definition_ids jsonb, metric_ids jsonb)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select v.display_name, v.description, to_jsonb(v.tags), v.model_metadata, v.property_definitions,
    to_jsonb(v.allowed_sub_definition_ids),
    (select coalesce(jsonb_agg(m.metric_id order by m.position), '[]')
     from app.thing_type_metrics m where m.org_id = v.org_id and m.version_id = v.id)
  from app.thing_types t
  join app.thing_type_versions v on v.org_id = t.org_id and v.id = t.latest_version_id
  where t.org_id = app.org_id() and t.id = latest_version.type_id
    and 'DEFINITION/ThingType/' || t.id like any (app.changeable('DEFINITION', 'write'));
end;
