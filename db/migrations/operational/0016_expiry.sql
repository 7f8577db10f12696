-- What ends by itself: telemetry past its retention, definitions that were soft-deleted long ago, and records that were
-- made to be short-lived.

-- How far retention has come with each organization, and what keeps it from going on.
create table app.retention_states (
  org_id uuid primary key references app.organizations (org_id) on delete restrict,
  -- Clock of the database at the last run that trusted it.
  seen_at timestamptz,
  -- Up to where the last run has removed, and the retention that it went by.
  cutoff timestamptz,
  days integer check (days between 1 and 3650),
  -- Readings before it were confirmed to go, however many they are.
  confirmed_before timestamptz,
  refusal text check (refusal in ('CLOCK_AHEAD', 'CLOCK_BEHIND', 'TOO_MANY')),
  refused_at timestamptz,
  check ((cutoff is null) = (days is null)),
  check ((refusal is null) = (refused_at is null))
);
alter table app.retention_states enable row level security;
alter table app.retention_states force row level security;
select platform.include_in_deletion('app.retention_states');

create policy visible on app.retention_states for select to bulkhead_gateway, bulkhead_worker
  using (org_id = (select app.org_id()) and 'ORGANIZATION/' || org_id like any ((select app.visible('ORGANIZATION'))::text[]));
create policy created on app.retention_states for insert to bulkhead_gateway, bulkhead_worker
  with check (org_id = (select app.org_id()) and 'ORGANIZATION/' || org_id like any ((select app.changeable('ORGANIZATION', 'admin'))::text[]));
create policy changed on app.retention_states for update to bulkhead_gateway, bulkhead_worker
  using (org_id = (select app.org_id()) and 'ORGANIZATION/' || org_id like any ((select app.changeable('ORGANIZATION', 'admin'))::text[]));

grant select, insert (org_id, confirmed_before), update (confirmed_before) on app.retention_states to bulkhead_gateway;
grant select, insert, update (seen_at, cutoff, days, confirmed_before, refusal, refused_at)
  on app.retention_states to bulkhead_worker;

-- For how many days definitions stay that were soft-deleted; null: for ever.
alter table app.organizations add column definition_purge_days integer default 90
  check (definition_purge_days between 1 and 3650);
grant update (definition_purge_days) on app.organizations to bulkhead_gateway;

-- Functions of the owner may remove definitions that were soft-deleted, and no others.
create policy purged on app.metric_definitions for delete to bulkhead_owner
  using (org_id = (select app.org_id()) and deleted_at is not null);
create policy purged on app.thing_types for delete to bulkhead_owner
  using (org_id = (select app.org_id()) and deleted_at is not null);
create policy purged on app.thing_type_versions for delete to bulkhead_owner
  using (org_id = (select app.org_id()) and exists (
    select from app.thing_types t
    where t.org_id = thing_type_versions.org_id and t.id = thing_type_versions.thing_type_id and t.deleted_at is not null));
create policy purged on app.thing_type_metrics for delete to bulkhead_owner
  using (org_id = (select app.org_id()) and exists (
    select from app.thing_types t
    where t.org_id = thing_type_metrics.org_id and t.id = thing_type_metrics.thing_type_id and t.deleted_at is not null));

-- What monitors refer to is not purged, whoever may see them.
create policy known_to_owner on app.monitors for select to bulkhead_owner using (org_id = (select app.org_id()));
create policy known_to_owner on app.monitor_metrics for select to bulkhead_owner using (org_id = (select app.org_id()));

create policy purged on app.templates for delete to bulkhead_owner
  using (org_id = (select app.org_id()) and deleted_at is not null);
create policy purged on app.template_revisions for delete to bulkhead_owner
  using (org_id = (select app.org_id()) and exists (
    select from app.templates t
    where t.org_id = template_revisions.org_id and t.id = template_revisions.template_id and t.deleted_at is not null));

-- Definitions and templates that were deleted longer ago than the organization keeps them, at most 1,000, with what still
-- refers to them: null where nothing does. A type is held by its things, by monitors, and by types that allow it below them;
-- a metric by types, by monitors, and by places that show it; a template by integrations that name it. What only a type
-- refers to that goes itself is not held.
create function app.expired_definitions() returns table (id text, held_by text)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  org uuid := app.org_id();
  before timestamptz;
begin
  perform platform.require_actor(array['SYSTEM']);
  select clock_timestamp() - make_interval(days => o.definition_purge_days) into before
  from app.organizations o where o.org_id = org;
  return query
    with recursive expired as (
      select t.id from app.thing_types t where t.org_id = org and t.deleted_at < before
    ), held (id, held_by) as (
      select e.id, 'things' from expired e
      where exists (select from app.things h where h.org_id = org and h.thing_type_id = e.id)
      union
      select e.id, 'monitors' from expired e
      where exists (select from app.monitors n where n.org_id = org and n.thing_type_id = e.id)
      union
      select e.id, 'thing types' from expired e
      join app.thing_type_versions v on v.org_id = org and e.id = any (v.allowed_sub_definition_ids)
      where v.thing_type_id not in (select x.id from expired x)
      union
      select e.id, 'thing types' from held h
      join app.thing_type_versions v on v.org_id = org and v.thing_type_id = h.id
      join expired e on e.id = any (v.allowed_sub_definition_ids) and e.id <> h.id
    ), found as (
      select e.id, (select min(h.held_by) from held h where h.id = e.id) as held_by from expired e
      union all
      select m.id, case
        when exists (select from app.thing_type_metrics tm where tm.org_id = org and tm.metric_id = m.id
                     and (tm.thing_type_id not in (select x.id from expired x)
                          or tm.thing_type_id in (select h.id from held h))) then 'thing types'
        when exists (select from app.monitor_metrics mm where mm.org_id = org and mm.metric_id = m.id) then 'monitors'
        when exists (select from app.places p where p.org_id = org and m.id = any (p.preferred_display_metric_ids))
          then 'places' end
      from app.metric_definitions m where m.org_id = org and m.deleted_at < before
      union all
      select t.id::text, case
        when exists (select from app.integrations i
                     where i.org_id = org and strpos(i.properties::text, t.id::text) > 0) then 'integrations' end
      from app.templates t where t.org_id = org and t.deleted_at < before
    )
    select f.id, f.held_by from found f order by f.held_by is not null, f.id limit 1000;
end $$;

-- Removes those of these for good that are expired and not held; types with their versions, templates with their revisions.
-- Answers the ids of all rows that are gone, but for revisions.
create function app.purge_definitions(ids text[]) returns table (id text)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  org uuid := app.org_id();
  gone text[];
begin
  perform platform.require_actor(array['SYSTEM']);
  perform pg_advisory_xact_lock(hashtextextended('bulkhead:definitions:' || org, 0));
  select array_agg(e.id) into gone from app.expired_definitions() e where e.held_by is null and e.id = any (ids);
  delete from app.thing_type_metrics m where m.org_id = org and m.thing_type_id = any (gone);
  return query delete from app.thing_type_versions v where v.org_id = org and v.thing_type_id = any (gone) returning v.id;
  return query delete from app.thing_types t where t.org_id = org and t.id = any (gone) returning t.id;
  return query delete from app.metric_definitions m where m.org_id = org and m.id = any (gone) returning m.id;
  delete from app.template_revisions r where r.org_id = org and r.template_id::text = any (gone);
  return query delete from app.templates t where t.org_id = org and t.id::text = any (gone) returning t.id::text;
end $$;

revoke all on function app.expired_definitions(), app.purge_definitions(text[]) from public;
grant execute on function app.expired_definitions(), app.purge_definitions(text[]) to bulkhead_worker;

-- Functions of the owner may remove secrets that have an end, and no others.
create policy expired on app.api_key_secrets for delete to bulkhead_owner
  using (org_id = (select app.org_id()) and valid_until is not null);

-- Removes the hashes of secrets of the organization that have ended by the given moment. The last one of a key never ends.
create function app.expire_api_key_secrets(now timestamptz) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare removed bigint;
begin
  perform platform.require_actor(array['SYSTEM']);
  delete from app.api_key_secrets s where s.org_id = app.org_id() and s.valid_until <= expire_api_key_secrets.now;
  get diagnostics removed = row_count;
  return removed;
end $$;

-- Removes the buckets that were full, and lent no tokens, a day before the given moment.
create function platform.expire_rate_buckets(now timestamptz) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare removed bigint;
begin
  perform platform.require_actor(array['SYSTEM']);
  delete from platform.rate_buckets b
  where greatest(b.standard_arrival, b.data_read_arrival, b.held_until) < expire_rate_buckets.now - interval '1 day';
  get diagnostics removed = row_count;
  return removed;
end $$;

revoke all on function app.expire_api_key_secrets(timestamptz), platform.expire_rate_buckets(timestamptz) from public;
grant execute on function app.expire_api_key_secrets(timestamptz), platform.expire_rate_buckets(timestamptz)
  to bulkhead_worker;
insert into platform.job_tasks (name, concerns, max_attempts, is_movable) values
  ('expire', 'DEPLOYMENT', 3, true),
  ('purgeDefinitions', 'DEPLOYMENT', 3, false);
