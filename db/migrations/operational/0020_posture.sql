-- Posture: whether promises are kept. Its role names objects of these schemas and holds no right on any of them.
grant usage on schema app, platform to bulkhead_posture;

-- What checks ask as the system.
grant execute on function platform.list_jobs(), platform.list_deletions(uuid, integer, uuid) to bulkhead_worker;

set local role bulkhead_audit;
grant usage on schema audit to bulkhead_posture;
grant execute on function audit.sealed_entries(bigint, integer), audit.stray_entries(integer) to bulkhead_worker;
set local role bulkhead_owner;

-- What posture has found, run by run: results of checks, and no rows of organizations.
create table platform.posture_runs (
  ended_at timestamptz primary key default clock_timestamp(),
  started_at timestamptz not null
);
create table platform.posture_results (
  run timestamptz not null references platform.posture_runs (ended_at) on delete cascade,
  check_id text not null check (check_id ~ '^[a-z0-9-]{1,60}$'),
  status text not null check (status in ('PASS', 'FAIL', 'NOT_PROVIDED')),
  evidence text not null check (char_length(evidence) <= 1000),
  looked_at timestamptz not null,
  duration_ms integer not null check (duration_ms >= 0),
  primary key (run, check_id)
);

-- Keeps the results of a run, and those of the 720 newest ones: 30 days of hours.
create function platform.keep_posture(started_at timestamptz, results jsonb) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare run timestamptz;
begin
  perform platform.require_actor(array['SYSTEM']);
  insert into platform.posture_runs (started_at) values (keep_posture.started_at) returning ended_at into run;
  insert into platform.posture_results (run, check_id, status, evidence, looked_at, duration_ms)
  select run, r."check", r.status, left(r.evidence, 1000), r.at, r."durationMs"
  from jsonb_to_recordset(keep_posture.results) r ("check" text, status text, evidence text, at timestamptz, "durationMs" integer);
  delete from platform.posture_runs p where p.ended_at in (
    select o.ended_at from platform.posture_runs o order by o.ended_at desc offset 720);
end $$;

-- The results of the newest run.
create function platform.last_posture()
returns table (started_at timestamptz, ended_at timestamptz, check_id text, status text, evidence text, looked_at timestamptz,
  duration_ms integer)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['OPERATOR', 'SYSTEM']);
  return query
    select p.started_at, p.ended_at, r.check_id, r.status, r.evidence, r.looked_at, r.duration_ms
    from (select * from platform.posture_runs o order by o.ended_at desc limit 1) p
    join platform.posture_results r on r.run = p.ended_at;
end $$;

-- The checks that have passed in one of the runs that are kept.
create function platform.passed_checks() returns setof text
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['SYSTEM']);
  return query select distinct r.check_id from platform.posture_results r where r.status = 'PASS';
end $$;

revoke all on function platform.keep_posture(timestamptz, jsonb), platform.last_posture(), platform.passed_checks()
from public;
grant execute on function platform.keep_posture(timestamptz, jsonb), platform.passed_checks() to bulkhead_worker;
grant execute on function platform.last_posture() to bulkhead_gateway, bulkhead_worker;
insert into platform.job_tasks (name, concerns, max_attempts, is_movable) values ('checkPosture', 'DEPLOYMENT', 2, false);
