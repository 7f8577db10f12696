-- Deletion of an organization. That it was asked for, how far it is and its certificate outlive everything else of it.
create table platform.deletions (
  org_id uuid primary key,
  requested_at timestamptz not null default clock_timestamp(),
  requested_by_type text not null check (requested_by_type in ('API_KEY', 'SYSTEM')),
  requested_by_id text not null,
  -- Of its telemetry, and of the role of the same name.
  database_name text not null,
  -- What is to be done next; null once all is done.
  step text default 'CLOSE'
    check (step in ('CLOSE', 'JOBS', 'TELEMETRY', 'ROWS', 'FILES', 'VAULT', 'VERIFICATION', 'CERTIFICATE')),
  -- What each step has removed so far: `{"<step>": {"<name>": <number>}}`.
  removed jsonb not null default '{}' check (jsonb_typeof(removed) = 'object'),
  verified_at timestamptz,
  completed_at timestamptz,
  -- File of the certificate, exactly as it was written: JSON with signature.
  certificate text check (octet_length(certificate) <= 65536),
  check ((step is null) = (completed_at is not null)),
  check ((completed_at is null) = (certificate is null))
);
create index deletions_under_way on platform.deletions (org_id) where completed_at is null;

-- The organization whose rows the transaction may remove: that of the context, if it is being deleted and the deletion
-- itself acts. Null in every other transaction, and so for every policy that asks.
create function platform.deleting_org() returns uuid
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare context jsonb := app.context();
begin
  if context->>'actorType' is distinct from 'SYSTEM' or context->>'actorId' is distinct from 'deletion'
     or context->>'purpose' is distinct from 'write' then
    return null;
  end if;
  return (select d.org_id from platform.deletions d
          where d.org_id = (context->>'org')::uuid and d.completed_at is null);
end $$;

-- The same, or an error.
create function platform.require_deleting_org() returns uuid
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare org uuid := platform.deleting_org();
begin
  if org is null then raise exception 'only for a deletion' using errcode = 'insufficient_privilege'; end if;
  return org;
end $$;

-- Lets the owner of a table see and remove the rows of an organization that is being deleted. Every migration that makes
-- a table of organizations calls it: a table without these policies stops a deletion. Functions of the owner that every
-- request calls are under these policies, too, so that they ask a setting first, which decides nothing but spares them
-- the rest.
create function platform.include_in_deletion(target regclass) returns void
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare
  owner text := (select pg_get_userbyid(c.relowner) from pg_class c where c.oid = target);
  condition constant text := $c$case when (select current_setting('app.deleting', true)) = 'yes'
    then org_id = (select platform.deleting_org()) end$c$;
begin
  execute format('create policy being_deleted on %s for select to %I using (%s)', target, owner, condition);
  execute format('create policy deleted_with_organization on %s for delete to %I using (%s)', target, owner, condition);
end $$;

-- Rows that stay, and why. Everything else with an `org_id` goes.
create function platform.kept_after_deletion() returns table (name text, condition text, reason text)
language sql immutable set search_path = pg_catalog, pg_temp as $$
  values
    ('platform.deletions', 'true', 'the deletion itself, with its certificate'),
    ('platform.job_runs', $c$task = 'deleteOrganization'$c$, 'runs of the deletion, which cleanJobs removes'),
    ('audit.trees', 'true', 'what the audit log is proved by: ids and hashes'),
    ('audit.leaves', 'true', 'what the audit log is proved by: ids and hashes'),
    ('audit.nodes', 'true', 'what the audit log is proved by: ids and hashes'),
    ('audit.heads', 'true', 'what the audit log is proved by: ids and hashes')
$$;

-- Tables with rows of organizations, in an order in which they can be emptied: what refers to others comes first. Foreign
-- keys that are checked at the end of a transaction are no matter for the order; the tables between their two ends are
-- `is_whole`: emptied in one transaction. `leaves_first` is what holds for rows that no other row of their table refers to.
create function platform.tables_of_organizations()
returns table (relation oid, name text, owner name, rank integer, is_whole boolean, leaves_first text, kept text)
language sql stable set search_path = pg_catalog, pg_temp as $$
  with recursive tables as (
    select c.oid as relation, n.nspname || '.' || c.relname as name, c.relowner from pg_class c
    join pg_namespace n on n.oid = c.relnamespace and n.nspname not in ('pg_catalog', 'information_schema')
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'org_id' and not a.attisdropped
    where c.relkind in ('r', 'p') and not c.relispartition
  ), keys as (
    select k.oid, k.conrelid, k.confrelid, k.conkey, k.confkey, k.condeferred from pg_constraint k where k.contype = 'f'
  ), ranked (relation, rank) as (
    select t.relation, 0 from tables t
    union
    select k.confrelid, r.rank + 1 from ranked r
    join keys k on k.conrelid = r.relation and k.confrelid <> k.conrelid and not k.condeferred
    join tables t on t.relation = k.confrelid
    where r.rank < 100
  ), ordered as (
    select r.relation, max(r.rank) as rank from ranked r group by r.relation
  ), late as (
    select min(f.rank) as first, max(c.rank) as last from keys k
    join ordered c on c.relation = k.conrelid join ordered f on f.relation = k.confrelid where k.condeferred
  )
  select t.relation, t.name, pg_get_userbyid(t.relowner), o.rank, coalesce(o.rank between late.first and late.last, false),
    (select string_agg(format('not exists (select from %s c where %s)', t.relation::regclass, (
        select string_agg(format('c.%I = t.%I', x.attname, y.attname), ' and ')
        from unnest(k.conkey, k.confkey) p (child, parent)
        join pg_attribute x on x.attrelid = t.relation and x.attnum = p.child
        join pg_attribute y on y.attrelid = t.relation and y.attnum = p.parent)), ' and ')
     from keys k where k.conrelid = t.relation and k.confrelid = t.relation and not k.condeferred),
    kept.condition
  from tables t join ordered o on o.relation = t.relation cross join late
  left join platform.kept_after_deletion() kept on kept.name = t.name
$$;

-- Why a table cannot be emptied by an owner; null if it can. Row-level security would hide its rows from the deletion and
-- from its verification alike, so that both ask here first.
create function platform.deletion_fault(relation oid, rank integer) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
  select case
    when c.relowner not in ('bulkhead_owner'::regrole, 'bulkhead_audit'::regrole) then 'belongs to another role'
    when deletion_fault.rank >= 100 then 'is in a circle of foreign keys'
    when c.relrowsecurity and (
      select count(*) from pg_policy p
      where p.polrelid = c.oid and p.polpermissive and p.polroles = array[c.relowner]
        and (p.polname, p.polcmd) in (('being_deleted', 'r'), ('deleted_with_organization', 'd'))
        and btrim(regexp_replace(pg_get_expr(p.polqual, p.polrelid), '\s+', ' ', 'g')) =
          'CASE WHEN (( SELECT current_setting(''app.deleting''::text, true) AS current_setting) = ''yes''::text) '
          'THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org)) ELSE NULL::boolean END') < 2
      then 'has no policies for the deletion: call platform.include_in_deletion' end
  from pg_class c where c.oid = deletion_fault.relation
$$;

-- All tables that a deletion cannot empty.
create function platform.deletion_faults() returns table (name text, fault text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select t.name, platform.deletion_fault(t.relation, t.rank) from platform.tables_of_organizations() t
  where t.kept is distinct from 'true' and platform.deletion_fault(t.relation, t.rank) is not null order by t.name
$$;

-- Removes rows of the organization from the tables that belong to the caller, at most about `budget`, and notes how many.
-- True once none are left. Of the rows of a table those go first that no other row of it refers to.
create function platform.empty_tables(budget integer, owner name) returns boolean
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare
  org uuid := platform.require_deleting_org();
  left_over integer := budget;
  each record;
  amount bigint;
  total bigint;
begin
  perform set_config('app.deleting', 'yes', true);
  for each in
    select t.*, platform.deletion_fault(t.relation, t.rank) as fault from platform.tables_of_organizations() t
    where t.kept is distinct from 'true' order by t.rank, t.name
  loop
    if each.fault is not null then
      raise exception 'table % %', each.name, each.fault using errcode = 'BH005';
    end if;
    continue when each.owner <> empty_tables.owner;
    exit when left_over <= 0 and not each.is_whole;
    total := 0;
    loop
      execute format(
        'delete from %1$s where ctid = any (array(select t.ctid from %1$s t where t.org_id = $1 and not (%2$s) and %3$s limit $2))',
        each.relation::regclass, coalesce(each.kept, 'false'), coalesce(each.leaves_first, 'true'))
      using org, case when each.is_whole then null else left_over end;
      get diagnostics amount = row_count;
      total := total + amount;
      left_over := left_over - amount;
      exit when amount = 0 or left_over <= 0 and not each.is_whole;
    end loop;
    if total > 0 then perform platform.note_removed('ROWS', each.name, total); end if;
  end loop;
  return left_over > 0;
end $$;

-- How many rows of the organization are left in each table that belongs to the caller, without those that are kept, or how
-- many are kept.
create function platform.count_tables(owner name) returns table (name text, remaining bigint, kept bigint)
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare
  org uuid := platform.require_deleting_org();
  each record;
begin
  perform set_config('app.deleting', 'yes', true);
  for each in
    select t.*, platform.deletion_fault(t.relation, t.rank) as fault from platform.tables_of_organizations() t order by t.name
  loop
    if each.kept is distinct from 'true' and each.fault is not null then
      raise exception 'table % %', each.name, each.fault using errcode = 'BH005';
    end if;
    continue when each.owner <> count_tables.owner;
    name := each.name;
    execute format('select count(*) filter (where not (%2$s)), count(*) filter (where %2$s) from %1$s where org_id = $1',
                   each.relation::regclass, coalesce(each.kept, 'false')) into remaining, kept using org;
    return next;
  end loop;
end $$;

-- Adds to what a step has removed.
create function platform.note_removed(step text, name text, amount bigint) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare org uuid := platform.require_deleting_org();
begin
  update platform.deletions d
  set removed = jsonb_set(
    d.removed || jsonb_build_object(note_removed.step, coalesce(d.removed->note_removed.step, '{}')),
    array[note_removed.step, note_removed.name],
    to_jsonb(coalesce((d.removed->note_removed.step->>note_removed.name)::bigint, 0) + note_removed.amount))
  where d.org_id = org;
end $$;

-- What the deletion keeps, for its certificate.
create function platform.kept_by_deletion() returns table (name text, reason text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select k.name, k.reason from platform.kept_after_deletion() k where platform.deleting_org() is not null
$$;

create function platform.delete_rows(budget integer) returns boolean
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$ select platform.empty_tables(delete_rows.budget, 'bulkhead_owner') $$;

create function platform.count_rows() returns table (name text, remaining bigint, kept bigint)
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$ select * from platform.count_tables('bulkhead_owner') $$;

-- Asks for the deletion of the organization of the context: from the commit on its keys are revoked, nobody but the
-- deletion writes for it, and what its jobs wait for is gone. For a key of type ADMIN that may administer the
-- organization, and for the system.
create function platform.request_deletion(confirmed_name text) returns timestamptz
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  context jsonb := app.context();
  org uuid := app.org_id();
  requested timestamptz;
begin
  perform platform.require_actor(array['API_KEY', 'SYSTEM']);
  if not ('ORGANIZATION/' || org like any (app.changeable('ORGANIZATION', 'admin')))
     or context->>'actorType' = 'API_KEY' and not exists (
       select from app.api_keys k where k.org_id = org and k.id = context->>'actorId' and k.type = 'ADMIN') then
    raise exception 'not for this key' using errcode = 'insufficient_privilege';
  end if;
  if not exists (select from app.organizations o where o.org_id = org and o.name = confirmed_name) then
    raise exception 'not confirmed' using errcode = 'insufficient_privilege';
  end if;
  insert into platform.deletions (org_id, requested_by_type, requested_by_id, database_name)
  select org, context->>'actorType', context->>'actorId', t.database_name
  from platform.telemetry_databases t where t.org_id = org
  on conflict (org_id) do nothing returning requested_at into requested;
  -- Another request came first, and has revoked the key of this one.
  if requested is null then raise exception 'deleted' using errcode = 'BH004'; end if;
  update app.api_keys k set revoked_at = clock_timestamp(), revoked_by = context->>'actorId'
  where k.org_id = org and k.revoked_at is null;
  delete from graphile_worker._private_jobs j where j.payload->>'orgId' = org::text and j.locked_at is null;
  perform platform.add_job('deleteOrganization', org, '{}');
  return requested;
end $$;

-- Waits until those have ended who began to write for the organization before it was to be deleted: `app.enter` holds
-- the lock that is asked for here.
create function platform.await_writers() returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare org uuid := platform.require_deleting_org();
begin
  perform pg_advisory_xact_lock(hashtextextended('bulkhead:writers:' || org, 0));
end $$;

-- Removes the jobs of the organization from the queue, all but its deletion and those that run; answers how many ran.
create function platform.delete_jobs() returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  org uuid := platform.require_deleting_org();
  amount bigint;
begin
  delete from graphile_worker._private_jobs j
  using graphile_worker._private_tasks k
  where k.id = j.task_id and k.identifier <> 'deleteOrganization' and j.payload->>'orgId' = org::text and j.locked_at is null;
  get diagnostics amount = row_count;
  if amount > 0 then perform platform.note_removed('JOBS', 'jobs', amount); end if;
  return (
    select count(*)::integer from graphile_worker._private_jobs j join graphile_worker._private_tasks k on k.id = j.task_id
    where k.identifier <> 'deleteOrganization' and j.payload->>'orgId' = org::text);
end $$;

-- The deletion of the context's organization, for the deletion itself.
create function platform.deletion_under_way()
returns table (requested_at timestamptz, requested_by_type text, requested_by_id text, database_name text, step text,
  removed jsonb, verified_at timestamptz)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return query
    select d.requested_at, d.requested_by_type, d.requested_by_id, d.database_name, d.step, d.removed, d.verified_at
    from platform.deletions d where d.org_id = platform.deleting_org();
end $$;

-- Goes on from a step to another one. What is left to be done of the verification is found again: it alone may go back.
create function platform.go_on_with_deletion(from_step text, to_step text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare org uuid := platform.require_deleting_org();
begin
  update platform.deletions d
  set step = to_step, verified_at = case when to_step = 'CERTIFICATE' then clock_timestamp() end
  where d.org_id = org and d.step = from_step;
  if not found then raise exception 'the deletion is at another step' using errcode = 'serialization_failure'; end if;
end $$;

-- Ends a deletion with its certificate. In a context of the deployment, so that the entry in its audit log is written in
-- the same transaction.
create function platform.complete_deletion(organization uuid, certificate text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare context jsonb := app.context();
begin
  if context->>'actorType' is distinct from 'SYSTEM' or context->>'actorId' is distinct from 'deletion'
     or context->>'purpose' is distinct from 'write' or context->>'org' <> '00000000-0000-0000-0000-000000000000' then
    raise exception 'only for a deletion' using errcode = 'insufficient_privilege';
  end if;
  update platform.deletions d
  set step = null, completed_at = clock_timestamp(), certificate = complete_deletion.certificate
  where d.org_id = complete_deletion.organization and d.step = 'CERTIFICATE';
  if not found then raise exception 'the deletion is at another step' using errcode = 'serialization_failure'; end if;
end $$;

-- Deletions by organization, with why the last run has failed, while it is not done.
create function platform.list_deletions(after uuid, page_size integer, only_org uuid default null)
returns table (org_id uuid, requested_at timestamptz, requested_by_type text, requested_by_id text, step text,
  completed_at timestamptz, failure text, certificate text)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['OPERATOR', 'SYSTEM']);
  return query
    select d.org_id, d.requested_at, d.requested_by_type, d.requested_by_id, d.step, d.completed_at,
           case when d.completed_at is null then (
             select r.reason from platform.job_runs r where r.org_id = d.org_id and r.task = 'deleteOrganization'
             order by r.started_at desc limit 1) end,
           d.certificate
    from platform.deletions d
    where (after is null or d.org_id > after) and (only_org is null or d.org_id = only_org)
    order by d.org_id limit page_size;
end $$;

-- Organizations whose deletion is not done, and no job is at it.
create function platform.unfinished_deletions() returns setof uuid
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['SYSTEM']);
  return query select d.org_id from platform.deletions d
    where d.completed_at is null and not exists (
      select from graphile_worker._private_jobs j join graphile_worker._private_tasks k on k.id = j.task_id
      where j.payload->>'orgId' = d.org_id::text and k.identifier = 'deleteOrganization'
        and (j.is_available and j.run_at <= clock_timestamp() + interval '5 minutes' or j.locked_at is not null));
end $$;

insert into platform.job_tasks (name, concerns, max_attempts) values
  ('deleteOrganization', 'ORGANIZATION', 25),
  ('findUnfinishedDeletions', 'DEPLOYMENT', 3);

revoke all on all functions in schema platform from public;
grant execute on function platform.deleting_org(), platform.require_deleting_org(), platform.include_in_deletion(regclass),
  platform.empty_tables(integer, name),
  platform.count_tables(name), platform.tables_of_organizations(), platform.kept_after_deletion(),
  platform.deletion_fault(oid, integer), platform.note_removed(text, text, bigint)
to bulkhead_audit;
grant execute on function platform.request_deletion(text), platform.list_deletions(uuid, integer, uuid) to bulkhead_gateway;
grant execute on function platform.await_writers(), platform.delete_jobs(), platform.deletion_under_way(),
  platform.go_on_with_deletion(text, text), platform.complete_deletion(uuid, text), platform.note_removed(text, text, bigint),
  platform.unfinished_deletions(), platform.deletion_faults(),
  platform.kept_by_deletion(), platform.delete_rows(integer), platform.count_rows()
to bulkhead_worker;

do $$
declare each record;
begin
  for each in select t.relation::regclass as name, t.owner from platform.tables_of_organizations() t
              join pg_class c on c.oid = t.relation where c.relrowsecurity and t.kept is distinct from 'true' loop
    execute format('set local role %I', each.owner);
    perform platform.include_in_deletion(each.name);
    set local role bulkhead_owner;
  end loop;
end $$;

-- The audit log belongs to a role that the owner has to become first.
set local role bulkhead_audit;
create function audit.delete_rows(budget integer) returns boolean
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$ select platform.empty_tables(delete_rows.budget, 'bulkhead_audit') $$;

create function audit.count_rows() returns table (name text, remaining bigint, kept bigint)
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$ select * from platform.count_tables('bulkhead_audit') $$;
revoke all on function audit.delete_rows(integer), audit.count_rows() from public;
grant execute on function audit.delete_rows(integer), audit.count_rows() to bulkhead_worker;
set local role bulkhead_owner;
