-- Data packages: how much an organization has is measured by jobs, compared with its limit, and, once it is over that, what
-- adds to it is refused. No request waits for a measurement.

insert into platform.job_tasks (name, concerns, max_attempts, is_movable) values
  ('measureData', 'ORGANIZATION', 3, false),
  ('findDueMeasurements', 'DEPLOYMENT', 3, false);

-- NEAR from 80 % of the limit on until it is below 75 %, FULL from the whole of it on until it is below 95 %: what lies at
-- an edge does not come and go.
create function platform.data_state(used_bytes bigint, limit_mebibytes integer, old_state text) returns text
language sql immutable
return case
  when used_bytes >= limit_mebibytes * 1048576.0 then 'FULL'
  when old_state = 'FULL' and used_bytes >= limit_mebibytes * 1048576.0 * 0.95 then 'FULL'
  when used_bytes >= limit_mebibytes * 1048576.0 * 0.80 then 'NEAR'
  when old_state <> 'BELOW' and used_bytes >= limit_mebibytes * 1048576.0 * 0.75 then 'NEAR'
  else 'BELOW' end;

-- Keeps what a measurement of the organization of the context has found; answers the state before and after.
create function platform.note_data_size(record_bytes bigint, telemetry_bytes bigint)
returns table (old_state text, state text, limit_mebibytes integer)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  org uuid := app.org_id();
  known platform.data_packages;
begin
  perform platform.require_actor(array['SYSTEM']);
  insert into platform.data_packages (org_id) values (org) on conflict (org_id) do nothing;
  select * into known from platform.data_packages p where p.org_id = org for update;
  return query
    update platform.data_packages p
    set record_bytes = note_data_size.record_bytes, telemetry_bytes = note_data_size.telemetry_bytes,
        measured_at = clock_timestamp(),
        state = platform.data_state(note_data_size.record_bytes + note_data_size.telemetry_bytes, p.limit_mebibytes, p.state)
    where p.org_id = org
    returning known.state, p.state, p.limit_mebibytes;
end $$;

-- Sets the limit of the organization of the context: what was measured last is judged by it at once, and measured anew.
create function platform.set_data_limit(limit_mebibytes integer) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare org uuid := app.org_id();
begin
  perform platform.require_actor(array['OPERATOR', 'SYSTEM']);
  insert into platform.data_packages as p (org_id, limit_mebibytes) values (org, set_data_limit.limit_mebibytes)
  on conflict (org_id) do update set limit_mebibytes = excluded.limit_mebibytes,
    state = platform.data_state(p.record_bytes + p.telemetry_bytes, excluded.limit_mebibytes, 'BELOW');
  perform platform.add_job('measureData', org, '{}', job_key => 'limit');
end $$;

-- Organizations to be measured: once an hour, and every time for those near their limit or beyond it, so that they are
-- refused, and let in again, soon after they have crossed it.
create function platform.organizations_to_measure() returns setof uuid
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['SYSTEM']);
  return query
    select t.org_id from platform.telemetry_databases t
    left join platform.data_packages p on p.org_id = t.org_id
    where t.state = 'READY' and not exists (select from platform.deletions d where d.org_id = t.org_id)
      and (p.measured_at is null or p.measured_at < clock_timestamp() - interval '55 minutes' or p.state <> 'BELOW')
    order by p.measured_at nulls first, t.org_id;
end $$;

-- No key adds records to an organization whose package is full. Statements of the system are let through: what they write
-- was asked for before, or is a record of what happened.
create function app.require_room() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if exists (select from platform.data_packages p where p.org_id = app.org_id() and p.state = 'FULL')
     and app.context()->>'actorType' = 'API_KEY' then
    raise exception 'the data package is full' using errcode = 'BH006';
  end if;
  return null;
end $$;

do $$
declare target text;
begin
  foreach target in array array['integrations', 'level_groups', 'level_types', 'levels', 'metric_definitions', 'monitors',
    'places', 'resource_mappings', 'template_revisions', 'templates', 'thing_type_versions', 'thing_types', 'things'] loop
    execute format(
      'create trigger require_room before insert on app.%I for each statement execute function app.require_room()', target);
  end loop;
end $$;

revoke all on function platform.data_state(bigint, integer, text), platform.note_data_size(bigint, bigint),
  platform.set_data_limit(integer), platform.organizations_to_measure(), app.require_room() from public;
grant execute on function platform.set_data_limit(integer) to bulkhead_gateway;
grant execute on function platform.note_data_size(bigint, bigint), platform.organizations_to_measure() to bulkhead_worker;
