-- Jobs. The queue is graphile-worker's own schema, which its own migrations make before this file runs; here is what we
-- put around it: who may enqueue which task, that payloads hold ids only, what became of each run, which workers live.

-- Which tasks there are, and who may enqueue them through a gateway: types of actors. A worker may enqueue all.
create table platform.job_tasks (
  name text primary key check (name ~ '^[a-z][A-Za-z]{0,39}$'),
  -- DEPLOYMENT and ORGANIZATION: one run at a time, of the deployment or of each organization. ROW: any number.
  concerns text not null check (concerns in ('DEPLOYMENT', 'ORGANIZATION', 'ROW')),
  enqueued_by text[] not null default '{}' check (enqueued_by <@ array['API_KEY', 'OPERATOR', 'SYSTEM']),
  max_attempts smallint not null check (max_attempts between 1 and 25),
  -- Whether the clock of a run on demand may be moved: only where time itself would have done the same.
  is_movable boolean not null default false,
  -- Noted by the workers: the schedule in cron's five fields, in UTC, and when it comes next.
  schedule text,
  next_run_at timestamptz
);
insert into platform.job_tasks (name, concerns, max_attempts, is_movable) values
  ('cleanJobs', 'DEPLOYMENT', 3, true),
  ('findUnprovisioned', 'DEPLOYMENT', 3, false),
  ('provisionTelemetry', 'ORGANIZATION', 10, false),
  ('retention', 'DEPLOYMENT', 3, false),
  ('rollups', 'DEPLOYMENT', 3, false);

-- Every run of every job, until `cleanJobs` removes it.
create table platform.job_runs (
  job_id bigint not null,
  attempt smallint not null,
  task text not null,
  org_id uuid,
  worker text not null,
  started_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  outcome text check (outcome in ('SUCCEEDED', 'FAILED', 'INTERRUPTED')),
  reason text check (char_length(reason) <= 500),
  primary key (job_id, attempt),
  check ((ended_at is null) = (outcome is null))
);
create index job_runs_newest on platform.job_runs (task, started_at desc);
create index job_runs_of_organization on platform.job_runs (org_id);

-- Workers as they last showed themselves; what is lost in a crash is written again within a second.
create unlogged table platform.job_workers (
  worker text primary key,
  seen_at timestamptz not null
);

-- Payloads hold ids only, whoever writes them: a queue is no place for values. `now` moves the clock of one run, and
-- `_cron` is the moment of a schedule, from the library.
create function platform.check_job_payload() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if json_typeof(new.payload) <> 'object' or octet_length(new.payload::text) > 1000 or exists (
    select from json_each(new.payload) p
    where not case
      when p.key = '_cron' then p.value::text ~ '^\{"ts":"[0-9TZ:.-]{20,30}","backfilled":(true|false)\}$'
      when p.key = 'now' then p.value::text ~ '^"[0-9TZ:.-]{20,30}"$'
      when p.key ~ '^[a-z][A-Za-z]{0,30}Id$'
        then p.value::text ~ '^"([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9A-Za-z_]{1,40})"$'
      else false end)
  then
    raise exception 'the payload of a job holds ids only' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger hold_ids_only before insert or update of payload on graphile_worker._private_jobs
  for each row execute function platform.check_job_payload();

-- Jobs of an organization: to count those that wait, and to find them when it goes.
create index jobs_of_organization on graphile_worker._private_jobs ((payload->>'orgId'));

-- Puts a job into the queue. The more jobs of its organization wait already, the later it comes (priority 0 to 100), so
-- that a thousand of one organization hold up no job of another. Keys are told apart by task and organization.
create function platform.add_job(task text, org uuid, payload jsonb, run_at timestamptz default null, job_key text default null,
  max_attempts integer default null)
returns bigint
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare
  known platform.job_tasks;
  prefix text := task || coalesce(':' || org::text, '');
  waiting integer;
begin
  select * into known from platform.job_tasks t where t.name = task;
  if not found or (org is null) <> (known.concerns = 'DEPLOYMENT') then
    raise exception 'no such job' using errcode = 'insufficient_privilege';
  end if;
  if job_key !~ '^[0-9A-Za-z_-]{1,64}$' then raise exception 'no key of a job' using errcode = 'check_violation'; end if;
  select count(*) into waiting from (
    select from graphile_worker._private_jobs j
    where j.payload->>'orgId' = org::text and j.is_available and j.run_at <= now() limit 100) w;
  return (graphile_worker.add_job(
    task,
    (jsonb_strip_nulls(jsonb_build_object('orgId', org)) || (payload - 'orgId'))::json,
    case when known.concerns <> 'ROW' then prefix end,
    add_job.run_at,
    least(coalesce(add_job.max_attempts, known.max_attempts), 25),
    prefix || ':' || job_key,
    waiting,
    -- Workers skip those of an organization that has its share of their slots.
    case when org is not null then array[org::text] end)).id;
end $$;

-- The same for the organization of the context, whatever the payload says: a gateway only for actors on the list.
create function platform.enqueue_job(task text, payload text, run_at timestamptz default null, job_key text default null,
  max_attempts integer default null)
returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  context jsonb := app.context();
  deployment constant uuid := '00000000-0000-0000-0000-000000000000';
begin
  if context is null or context->>'purpose' <> 'write' then
    raise exception 'not in a write' using errcode = 'insufficient_privilege';
  end if;
  if session_user <> 'bulkhead_worker' and not exists (
    select from platform.job_tasks t where t.name = task and context->>'actorType' = any (t.enqueued_by))
  then
    raise exception 'not for this actor' using errcode = 'insufficient_privilege';
  end if;
  return platform.add_job(task, nullif((context->>'org')::uuid, deployment), payload::jsonb - 'now' - '_cron',
                          enqueue_job.run_at, enqueue_job.job_key, enqueue_job.max_attempts);
end $$;

-- One run on demand, tried once, of a task that needs no row: for the system only. `now` moves the clock of the run.
create function platform.request_job(task text, at timestamptz default null) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare org uuid := nullif(app.org_id(), '00000000-0000-0000-0000-000000000000');
begin
  perform platform.require_actor(array['SYSTEM']);
  if exists (
    select from platform.job_tasks t where t.name = task and (t.concerns = 'ROW' or at is not null and not t.is_movable))
  then
    raise exception 'not on demand' using errcode = 'insufficient_privilege';
  end if;
  return platform.add_job(
    task, org,
    jsonb_strip_nulls(jsonb_build_object('now', to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))),
    max_attempts => 1);
end $$;

-- What became of a job: its last run, and whether it is still to run. No row for one that was never there.
create function platform.job_state(job_id bigint) returns table (state text, outcome text, reason text, started_at timestamptz, ended_at timestamptz)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['SYSTEM']);
  return query
    select case when j.locked_at is not null then 'RUNNING' when j.is_available then 'WAITING' else 'ENDED' end,
           r.outcome, r.reason, r.started_at, r.ended_at
    from (select job_state.job_id as id) asked
    left join graphile_worker._private_jobs j on j.id = asked.id
    left join lateral (select * from platform.job_runs x where x.job_id = asked.id order by x.attempt desc limit 1) r on true
    where j.id is not null or r.job_id is not null;
end $$;

-- A run begins: answers the moment that is `now` to it, by the clock of the database. BH004: its organization was deleted.
create function platform.begin_job_run(job_id bigint) returns timestamptz
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare clock timestamptz := clock_timestamp();
begin
  perform platform.require_actor(array['SYSTEM']);
  if exists (
    select from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
    join platform.deletions d on d.org_id = (j.payload->>'orgId')::uuid
    where j.id = begin_job_run.job_id and t.identifier <> 'deleteOrganization')
  then
    raise exception 'deleted' using errcode = 'BH004';
  end if;
  insert into platform.job_runs as r (job_id, attempt, task, org_id, worker, started_at)
  select j.id, j.attempts, t.identifier, (j.payload->>'orgId')::uuid, j.locked_by, clock
  from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
  where j.id = begin_job_run.job_id and j.locked_by is not null
  on conflict on constraint job_runs_pkey do update
    set worker = excluded.worker, started_at = excluded.started_at, ended_at = null, outcome = null, reason = null;
  return coalesce((select (j.payload->>'now')::timestamptz from graphile_worker._private_jobs j where j.id = begin_job_run.job_id), clock);
end $$;

create function platform.end_job_run(job_id bigint, attempt integer, outcome text, reason text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['SYSTEM']);
  update platform.job_runs r
  set ended_at = clock_timestamp(), outcome = end_job_run.outcome, reason = left(end_job_run.reason, 500)
  where r.job_id = end_job_run.job_id and r.attempt = end_job_run.attempt;
end $$;

-- A worker lives. It holds the advisory lock `bulkhead:worker:<name>` of the connection that says so.
create function platform.note_worker(worker text) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
  insert into platform.job_workers as w (worker, seen_at) values (note_worker.worker, clock_timestamp())
  on conflict (worker) do update set seen_at = excluded.seen_at;
end;

-- Gives back what workers have taken that are no more: their connection is gone and they were silent for 3 s, or they
-- were silent for 30 s. The attempt counts, so that a job that kills its workers comes to an end.
create function platform.release_dead_workers() returns table (worker text, jobs integer)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  dead record;
  released integer;
begin
  for dead in
    select l.locked_by as name, coalesce(w.seen_at, l.locked_at) as seen_at from (
      select locked_by, max(locked_at) as locked_at from (
        select locked_by, locked_at from graphile_worker._private_jobs where locked_by is not null
        union all select locked_by, locked_at from graphile_worker._private_job_queues where locked_by is not null) t
      group by locked_by) l
    left join platform.job_workers w on w.worker = l.locked_by
    where coalesce(w.seen_at, l.locked_at) < clock_timestamp() - interval '3 seconds'
  loop
    continue when dead.seen_at > clock_timestamp() - interval '30 seconds'
      and not pg_try_advisory_xact_lock(hashtextextended('bulkhead:worker:' || dead.name, 0));
    update platform.job_runs r set ended_at = clock_timestamp(), outcome = 'INTERRUPTED', reason = 'its worker ended'
    from graphile_worker._private_jobs j
    where j.locked_by = dead.name and r.job_id = j.id and r.attempt = j.attempts and r.outcome is null;
    update graphile_worker._private_jobs j set locked_at = null, locked_by = null, last_error = 'its worker ended'
    where j.locked_by = dead.name;
    get diagnostics released = row_count;
    update graphile_worker._private_job_queues q set locked_at = null, locked_by = null where q.locked_by = dead.name;
    delete from platform.job_workers w where w.worker = dead.name;
    perform pg_notify('jobs:insert', '{"count":' || released || '}');
    worker := dead.name;
    jobs := released;
    return next;
  end loop;
end $$;

create function platform.note_schedule(task text, schedule text, next_run_at timestamptz) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['SYSTEM']);
  update platform.job_tasks t set schedule = note_schedule.schedule, next_run_at = note_schedule.next_run_at
  where t.name = task;
end $$;

-- Each task with its schedule, its last run, and how many of its jobs wait, run, or have failed for good.
create function platform.list_jobs()
returns table (name text, concerns text, is_movable boolean, schedule text, next_run_at timestamptz, last_started_at timestamptz,
  last_ended_at timestamptz, last_outcome text, last_reason text, last_attempt integer, max_attempts integer,
  waiting bigint, running bigint, failed bigint)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['OPERATOR', 'SYSTEM']);
  return query
    select t.name, t.concerns, t.is_movable, t.schedule, t.next_run_at, r.started_at, r.ended_at, r.outcome, r.reason,
           r.attempt::integer, t.max_attempts::integer, coalesce(c.waiting, 0), coalesce(c.running, 0), coalesce(c.failed, 0)
    from platform.job_tasks t
    left join lateral (
      select * from platform.job_runs x where x.task = t.name order by x.started_at desc limit 1) r on true
    left join (
      select k.identifier, count(*) filter (where j.is_available) as waiting,
             count(*) filter (where j.locked_at is not null) as running,
             count(*) filter (where j.locked_at is null and not j.is_available) as failed
      from graphile_worker._private_jobs j join graphile_worker._private_tasks k on k.id = j.task_id
      group by k.identifier) c on c.identifier = t.name
    order by t.name;
end $$;

-- Jobs that have failed for good, newest first, with the ids in their payload.
create function platform.list_failed_jobs(before bigint, page_size integer)
returns table (id bigint, task text, payload text, attempts integer, reason text, created_at timestamptz, failed_at timestamptz)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['OPERATOR', 'SYSTEM']);
  return query
    select j.id, k.identifier, (j.payload::jsonb - '_cron' - 'now')::text, j.attempts::integer, j.last_error, j.created_at, r.ended_at
    from graphile_worker._private_jobs j join graphile_worker._private_tasks k on k.id = j.task_id
    left join lateral (select x.ended_at from platform.job_runs x where x.job_id = j.id order by x.attempt desc limit 1) r on true
    where j.locked_at is null and not j.is_available and (before is null or j.id < before)
    order by j.id desc limit page_size;
end $$;

-- Removes the record of runs that succeeded after 7 days, and of each task all but the newest 10,000 of them; of other
-- runs and of jobs that failed for good after 30 days; queues and workers that nobody uses. Queues are locked against whoever is about to put a job into one.
create function platform.clean_jobs(at timestamptz) returns table (runs bigint, jobs bigint)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
  perform platform.require_actor(array['SYSTEM']);
  -- Materialized: a plan could look for the 10,000th run of a task anew for each of its runs.
  with kept as materialized (
    select t.name, (
      select x.started_at from platform.job_runs x where x.task = t.name and x.outcome = 'SUCCEEDED'
      order by x.started_at desc offset 10000 limit 1) as more_from
    from platform.job_tasks t)
  delete from platform.job_runs r using kept
  where r.task = kept.name and r.outcome = 'SUCCEEDED'
    and (r.ended_at < at - interval '7 days' or r.started_at <= kept.more_from);
  get diagnostics runs = row_count;
  with gone as (
    delete from graphile_worker._private_jobs j
    where j.locked_at is null and not j.is_available and j.updated_at < at - interval '30 days' and j.run_at < at - interval '30 days'
    returning 1)
  select count(*) into jobs from gone;
  with gone as (
    delete from platform.job_runs r where r.started_at < at - interval '30 days'
      and not exists (select from graphile_worker._private_jobs j where j.id = r.job_id)
    returning 1)
  select runs + count(*) into runs from gone;
  delete from platform.job_workers w where w.seen_at < clock_timestamp() - interval '1 hour';
  lock table graphile_worker._private_job_queues in share row exclusive mode;
  delete from graphile_worker._private_job_queues q where q.locked_at is null
    and not exists (select from graphile_worker._private_jobs j where j.job_queue_id = q.id);
  return next;
end $$;

-- Organizations whose telemetry database is to be made, and no job is at it.
create function platform.unprovisioned_organizations() returns setof uuid
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['SYSTEM']);
  return query select t.org_id from platform.telemetry_databases t
    where t.state = 'REQUESTED' and not exists (select from platform.deletions d where d.org_id = t.org_id) and not exists (
      select from graphile_worker._private_jobs j join graphile_worker._private_tasks k on k.id = j.task_id
      where j.payload->>'orgId' = t.org_id::text and k.identifier = 'provisionTelemetry'
        and (j.is_available or j.locked_at is not null))
    order by t.requested_at;
end $$;

revoke all on all functions in schema platform, graphile_worker from public;

grant execute on function
  platform.enqueue_job(text, text, timestamptz, text, integer), platform.list_jobs(), platform.list_failed_jobs(bigint, integer),
  platform.request_job(text, timestamptz), platform.job_state(bigint)
to bulkhead_gateway;
grant execute on function
  platform.enqueue_job(text, text, timestamptz, text, integer), platform.begin_job_run(bigint),
  platform.end_job_run(bigint, integer, text, text), platform.note_worker(text), platform.release_dead_workers(),
  platform.note_schedule(text, text, timestamptz), platform.clean_jobs(timestamptz), platform.unprovisioned_organizations()
to bulkhead_worker;

-- The queue belongs to all organizations, so no policy can tell its rows apart: what a worker needs is granted, and
-- nothing to anybody else. The library enables row-level security without policies, which would show it nothing.
alter table graphile_worker._private_jobs disable row level security;
alter table graphile_worker._private_job_queues disable row level security;
alter table graphile_worker._private_tasks disable row level security;
alter table graphile_worker._private_known_crontabs disable row level security;
grant usage on schema graphile_worker to bulkhead_worker;
grant select on graphile_worker.migrations to bulkhead_worker;
grant select, insert, update, delete on graphile_worker._private_jobs to bulkhead_worker;
grant select, insert (queue_name), update (locked_at, locked_by) on graphile_worker._private_job_queues to bulkhead_worker;
grant select, insert (identifier) on graphile_worker._private_tasks to bulkhead_worker;
grant select, insert, update (last_execution) on graphile_worker._private_known_crontabs to bulkhead_worker;
grant execute on function
  graphile_worker.add_job(text, json, text, timestamptz, integer, text, integer, text[], text),
  graphile_worker.add_jobs(graphile_worker.job_spec[], boolean)
to bulkhead_worker;
