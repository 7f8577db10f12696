-- Monitors: rules that the worker evaluates on a schedule, what it found of each thing, and the alerts that tripped.
create table app.monitors (
  org_id uuid not null references app.organizations (org_id) on delete restrict,
  id uuid not null,
  name text not null check (char_length(name) between 1 and 80),
  target_type text not null check (target_type in
    ('SINGLE_THING', 'EXPLICIT_LIST', 'ALL_THINGS_OF_TYPE', 'ALL_THINGS_OF_TYPE_IN_PLACE', 'ALL_THINGS_AT_PLACE')),
  place_id uuid,
  thing_type_id text,
  frequency_minutes integer not null check (frequency_minutes in (1, 2, 5, 10, 12, 15, 30, 60, 120, 180, 360, 720, 1440)),
  lookback_minutes integer not null check (lookback_minutes in (1, 2, 5, 10, 12, 15, 30, 60, 120, 180, 360, 720, 1440)),
  -- Names and expressions, in the order in which they are computed.
  variables jsonb not null default '[]' check (jsonb_typeof(variables) = 'array'),
  is_enabled boolean not null,
  -- What the worker found at the last tick.
  health text not null default 'UNKNOWN' check (health in ('HEALTHY', 'UNHEALTHY', 'UNKNOWN')),
  data_state text not null default 'NO_DATA' check (data_state in ('OK', 'STALE', 'NO_DATA')),
  evaluated_at timestamptz,
  next_evaluation_at timestamptz not null,
  things_watched integer not null default 0,
  things_omitted integer not null default 0,
  failure text check (char_length(failure) <= 500),
  created_at timestamptz not null default now(),
  created_by text not null,
  updated_at timestamptz,
  updated_by text,
  primary key (org_id, id),
  check ((place_id is not null) = (target_type in ('ALL_THINGS_OF_TYPE_IN_PLACE', 'ALL_THINGS_AT_PLACE'))),
  check ((thing_type_id is not null) = (target_type in ('ALL_THINGS_OF_TYPE', 'ALL_THINGS_OF_TYPE_IN_PLACE'))),
  foreign key (org_id, place_id) references app.places (org_id, id) on delete restrict,
  foreign key (org_id, thing_type_id) references app.thing_types (org_id, id) on delete restrict
);
create index monitors_due on app.monitors (org_id, next_evaluation_at) where is_enabled;
create index monitors_place on app.monitors (org_id, place_id) where place_id is not null;
create index monitors_type on app.monitors (org_id, thing_type_id) where thing_type_id is not null;

-- The things of a list; a thing that is deleted leaves it.
create table app.monitor_things (
  org_id uuid not null,
  monitor_id uuid not null,
  thing_id uuid not null,
  primary key (org_id, monitor_id, thing_id),
  foreign key (org_id, monitor_id) references app.monitors (org_id, id) on delete cascade,
  foreign key (org_id, thing_id) references app.things (org_id, id) on delete cascade
);
create index monitor_things_thing on app.monitor_things (org_id, thing_id);

create table app.monitor_metrics (
  org_id uuid not null,
  monitor_id uuid not null,
  ordinal integer not null,
  metric_id text not null,
  name text not null check (name ~ '^[A-Za-z][A-Za-z0-9_]{0,99}$'),
  missing_data text not null check (missing_data in ('NO_INFILL', 'INFILL_ZERO', 'INFILL_LAST_VALUE')),
  primary key (org_id, monitor_id, ordinal),
  unique (org_id, monitor_id, name),
  foreign key (org_id, monitor_id) references app.monitors (org_id, id) on delete cascade,
  foreign key (org_id, metric_id) references app.metric_definitions (org_id, id) on delete restrict
);
create index monitor_metrics_metric on app.monitor_metrics (org_id, metric_id);

create table app.monitor_alerts (
  org_id uuid not null,
  monitor_id uuid not null,
  id text not null check (id ~ '^alt_[0-9a-z]{26}$'),
  ordinal integer not null,
  name text not null check (char_length(name) between 1 and 80),
  operand text not null check (operand ~ '^[A-Za-z][A-Za-z0-9_]{0,99}$'),
  aggregation text not null check (aggregation in ('FIRST', 'LAST', 'AVG', 'SUM', 'MIN', 'MAX', 'COUNT')),
  operator text not null check (operator in ('GT', 'GTE', 'LT', 'LTE', 'EQ', 'NEQ')),
  threshold float8 not null,
  for_ticks integer not null check (for_ticks between 1 and 100),
  primary key (org_id, monitor_id, id),
  foreign key (org_id, monitor_id) references app.monitors (org_id, id) on delete cascade
);

create table app.monitor_alert_integrations (
  org_id uuid not null,
  monitor_id uuid not null,
  alert_id text not null,
  integration_id uuid not null,
  primary key (org_id, monitor_id, alert_id, integration_id),
  foreign key (org_id, monitor_id, alert_id) references app.monitor_alerts (org_id, monitor_id, id) on delete cascade,
  foreign key (org_id, integration_id) references app.integrations (org_id, id) on delete restrict
);
create index monitor_alert_integrations_integration on app.monitor_alert_integrations (org_id, integration_id);

-- What the last tick found of each thing. `ticks` counts for each alert for how many ticks in a row it has held.
create table app.monitor_states (
  org_id uuid not null,
  monitor_id uuid not null,
  thing_id uuid not null,
  health text not null check (health in ('HEALTHY', 'UNHEALTHY', 'UNKNOWN')),
  data_state text not null check (data_state in ('OK', 'STALE', 'NO_DATA')),
  ticks jsonb not null,
  evaluated_at timestamptz not null,
  primary key (org_id, monitor_id, thing_id),
  foreign key (org_id, monitor_id) references app.monitors (org_id, id) on delete cascade,
  foreign key (org_id, thing_id) references app.things (org_id, id) on delete cascade
);
create index monitor_states_thing on app.monitor_states (org_id, thing_id);

-- An alert that tripped for a thing: open until the condition no longer holds. One is open at a time.
create table app.alert_events (
  org_id uuid not null,
  id uuid not null,
  monitor_id uuid not null,
  alert_id text not null,
  alert_name text not null,
  thing_id uuid not null,
  place_id uuid not null,
  operand text not null,
  aggregation text not null,
  operator text not null,
  threshold float8 not null,
  value float8 not null,
  tripped_at timestamptz not null,
  cleared_at timestamptz,
  cleared_reason text check (cleared_reason in ('RECOVERED', 'MONITOR_CHANGED', 'MONITOR_DISABLED', 'NOT_WATCHED')),
  primary key (org_id, id),
  check ((cleared_at is null) = (cleared_reason is null)),
  foreign key (org_id, monitor_id) references app.monitors (org_id, id) on delete cascade,
  foreign key (org_id, thing_id) references app.things (org_id, id) on delete cascade
);
create unique index alert_events_open on app.alert_events (org_id, monitor_id, alert_id, thing_id) where cleared_at is null;
create index alert_events_place on app.alert_events (org_id, place_id, id);
create index alert_events_thing on app.alert_events (org_id, thing_id, id);
create index alert_events_monitor on app.alert_events (org_id, monitor_id, id);

-- Everything of a monitor follows the monitor's own path. The worker evaluates all monitors of the organization that
-- its context names.
do $$
declare
  entry record;
  right_of text;
begin
  for entry in values
    ('monitors', 'id', '{insert,update,delete}', '{select,update}'),
    ('monitor_things', 'monitor_id', '{insert,delete}', '{select}'),
    ('monitor_metrics', 'monitor_id', '{insert,delete}', '{select}'),
    ('monitor_alerts', 'monitor_id', '{insert,delete}', '{select}'),
    ('monitor_alert_integrations', 'monitor_id', '{insert,delete}', '{select}'),
    ('monitor_states', 'monitor_id', '{delete}', '{select,insert,update,delete}'),
    ('alert_events', 'monitor_id', '{update}', '{select,insert,update}')
  loop
    execute format('alter table app.%I enable row level security', entry.column1);
    execute format('alter table app.%I force row level security', entry.column1);
    execute format('create policy visible on app.%I for select to bulkhead_gateway using (org_id = (select app.org_id()) and ''MONITOR/'' || %I like any ((select app.visible(''MONITOR''))::text[]))', entry.column1, entry.column2);
    foreach right_of in array entry.column3::text[] loop
      execute format('create policy %I on app.%I for %s to bulkhead_gateway %s (org_id = (select app.org_id()) and ''MONITOR/'' || %I like any ((select app.changeable(''MONITOR'', ''write''))::text[]))',
        case right_of when 'insert' then 'created' when 'update' then 'changed' else 'removed' end, entry.column1, right_of,
        case right_of when 'insert' then 'with check' else 'using' end, entry.column2);
    end loop;
    foreach right_of in array entry.column4::text[] loop
      execute format('create policy %I on app.%I for %s to bulkhead_worker %s (org_id = (select app.org_id()) %s)',
        'evaluated_by_' || right_of, entry.column1, right_of,
        case right_of when 'insert' then 'with check' else 'using' end,
        case right_of when 'select' then '' else 'and ''%'' = any ((select app.changeable(''MONITOR'', ''write''))::text[])' end);
    end loop;
  end loop;
end $$;
create policy evaluated on app.things for select to bulkhead_worker using (org_id = (select app.org_id()));

-- Type, name and aggregation of active metrics, for a key that may write monitors but not read definitions.
create function app.metric_types(ids text[])
returns table (id text, name text, data_type text, default_aggregation text)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select m.id, m.name, m.data_type, m.default_aggregation from app.metric_definitions m
  where (select app.is_writing()) and m.org_id = app.org_id() and m.id = any (ids) and m.deleted_at is null;
end;

-- How many things take part in an integration and how many alerts fire it, whether the key may see them or not.
create policy known_to_owner on app.monitor_alert_integrations for select to bulkhead_owner
  using (org_id = (select app.org_id()));
drop function app.integration_dependants(uuid);
create function app.integration_dependants(integration uuid) returns table (things bigint, alerts bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select
    (select count(*) from app.thing_integrations i where i.org_id = app.org_id() and i.integration_id = integration),
    (select count(*) from app.monitor_alert_integrations a where a.org_id = app.org_id() and a.integration_id = integration)
  where app.is_writing();
end;
grant execute on function app.integration_dependants(uuid) to bulkhead_gateway;

-- Organizations that have a monitor whose tick has come.
create policy due_to_owner on app.monitors for select to bulkhead_owner
  using ((select current_setting('app.listing', true)) = 'all');
create function platform.organizations_with_due_monitors() returns setof uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['SYSTEM']);
  perform set_config('app.listing', 'all', true);
  return query
    select distinct m.org_id from app.monitors m where m.is_enabled and m.next_evaluation_at <= clock_timestamp()
      and not exists (select from platform.deletions d where d.org_id = m.org_id);
  perform set_config('app.listing', '', true);
end $$;

-- Functions of the owner may remove events that have ended, and no others.
create policy known_to_owner on app.alert_events for select to bulkhead_owner using (org_id = (select app.org_id()));
create policy expired on app.alert_events for delete to bulkhead_owner
  using (org_id = (select app.org_id()) and cleared_at is not null);

-- Removes the events of the organization that had ended 90 days before the given moment.
create function app.expire_alert_events(now timestamptz) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare removed bigint;
begin
  perform platform.require_actor(array['SYSTEM']);
  delete from app.alert_events e
  where e.org_id = app.org_id() and e.cleared_at <= expire_alert_events.now - interval '90 days';
  get diagnostics removed = row_count;
  return removed;
end $$;
grant execute on function app.expire_alert_events(timestamptz) to bulkhead_worker;

insert into platform.job_tasks (name, concerns, max_attempts) values
  ('findDueMonitors', 'DEPLOYMENT', 1),
  ('evaluateMonitors', 'ORGANIZATION', 3);

grant execute on function app.metric_types(text[]) to bulkhead_gateway;
grant select, insert, delete on app.monitors, app.monitor_things, app.monitor_metrics, app.monitor_alerts,
  app.monitor_alert_integrations to bulkhead_gateway;
grant update (name, target_type, place_id, thing_type_id, frequency_minutes, lookback_minutes, variables, is_enabled, health,
  data_state, next_evaluation_at, failure, updated_at, updated_by) on app.monitors to bulkhead_gateway;
grant select, delete on app.monitor_states to bulkhead_gateway;
grant select, update (cleared_at, cleared_reason) on app.alert_events to bulkhead_gateway;

grant execute on function platform.organizations_with_due_monitors(), app.thing_metrics(uuid[]), platform.telemetry_access() to bulkhead_worker;
grant select on app.monitors, app.monitor_things, app.monitor_metrics, app.monitor_alerts, app.monitor_alert_integrations,
  app.things to bulkhead_worker;
grant update (health, data_state, evaluated_at, next_evaluation_at, things_watched, things_omitted, failure)
  on app.monitors to bulkhead_worker;
grant select, insert, update, delete on app.monitor_states to bulkhead_worker;
grant select, insert, update (cleared_at, cleared_reason) on app.alert_events to bulkhead_worker;
