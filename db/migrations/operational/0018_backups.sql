-- Backups. What is kept lies in the repository, which needs no database; here is what the backup process tells of it, for
-- whoever asks how fresh it is, and the heartbeat that makes every moment one that can be restored.

insert into platform.job_tasks (name, concerns, max_attempts, is_movable, enqueued_by) values
  ('baseBackup', 'DEPLOYMENT', 5, false, '{SYSTEM}'),
  ('rotateBackups', 'DEPLOYMENT', 3, false, '{SYSTEM}'),
  ('drill', 'DEPLOYMENT', 1, false, '{SYSTEM}');


create table platform.backup_state (
  is_only boolean primary key default true check (is_only),
  -- Written every minute: recovery ends at a moment only where something was committed after it.
  beat_at timestamptz not null default clock_timestamp(),
  -- Where backups are kept, in words.
  place text,
  -- The newest WAL file in the repository, and the newest heartbeat in it or before: what can be restored up to.
  last_wal text,
  last_wal_at timestamptz,
  restorable_until timestamptz,
  -- The oldest moment that can be restored, as the last rotation has found it.
  restorable_from timestamptz,
  -- WAL files that wait to be stored.
  spooled_files integer not null default 0,
  spooled_bytes bigint not null default 0,
  oldest_spooled_at timestamptz,
  -- Since the process began to count.
  shipped_files bigint not null default 0,
  shipped_bytes bigint not null default 0,
  failures bigint not null default 0,
  last_failure text check (char_length(last_failure) <= 500),
  last_failed_at timestamptz
);
insert into platform.backup_state default values;

create table platform.base_backups (
  id text primary key check (id ~ '^\d{8}T\d{6}Z$'),
  started_at timestamptz not null,
  ended_at timestamptz,
  -- EXPIRED: removed by the rotation.
  outcome text check (outcome in ('COMPLETE', 'FAILED', 'EXPIRED')),
  reason text check (char_length(reason) <= 500),
  bytes_total bigint,
  bytes_read bigint not null default 0,
  bytes_stored bigint not null default 0,
  check ((ended_at is null) = (outcome is null))
);

create table platform.backup_drills (
  id uuid primary key,
  started_at timestamptz not null,
  ended_at timestamptz not null,
  is_passed boolean not null,
  -- What was done and found, and its Ed25519 signature by the audit key.
  statement text not null check (char_length(statement) <= 100000),
  signature bytea not null check (octet_length(signature) = 64)
);

create function platform.note_heartbeat() returns timestamptz
language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
  update platform.backup_state s set beat_at = clock_timestamp() returning s.beat_at;
end;

-- What was shipped since the last note, and what waits.
create function platform.note_shipping(note jsonb) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
  update platform.backup_state s set
    place = note->>'place',
    -- What is stored elsewhere says nothing about this place.
    last_wal = coalesce(note->>'lastWal', case when s.place = note->>'place' then s.last_wal end),
    last_wal_at = case when note->>'lastWal' is null then s.last_wal_at else clock_timestamp() end,
    restorable_until = coalesce((note->>'restorableUntil')::timestamptz, s.restorable_until),
    spooled_files = (note->>'spooledFiles')::integer,
    spooled_bytes = (note->>'spooledBytes')::bigint,
    oldest_spooled_at = (note->>'oldestSpooledAt')::timestamptz,
    shipped_files = s.shipped_files + (note->>'shippedFiles')::integer,
    shipped_bytes = s.shipped_bytes + (note->>'shippedBytes')::bigint,
    failures = s.failures + (note->>'failure' is not null)::integer,
    last_failure = coalesce(left(note->>'failure', 500), s.last_failure),
    last_failed_at = case when note->>'failure' is null then s.last_failed_at else clock_timestamp() end;
end;

-- What a rotation has found in the repository: base backups that it holds, and the oldest moment that can be restored.
create function platform.note_rotation(kept text[], restorable_from timestamptz) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
  update platform.backup_state s set restorable_from = note_rotation.restorable_from;
  update platform.base_backups b set outcome = 'EXPIRED' where b.outcome = 'COMPLETE' and b.id <> all (kept);
  delete from platform.base_backups b where b.outcome <> 'COMPLETE' and b.ended_at < clock_timestamp() - interval '90 days';
end;

-- A base backup begins, goes on, or has ended. What was begun and is not under way any more has failed.
create function platform.note_base_backup(id text, started_at timestamptz, outcome text, reason text, bytes_total bigint, bytes_read bigint,
  bytes_stored bigint) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
  update platform.base_backups b set outcome = 'FAILED', ended_at = clock_timestamp(), reason = 'its process ended'
  where b.outcome is null and b.id <> note_base_backup.id;
  insert into platform.base_backups as b (id, started_at, ended_at, outcome, reason, bytes_total, bytes_read, bytes_stored)
  values (id, started_at, case when outcome is null then null else clock_timestamp() end, outcome, left(reason, 500), bytes_total, bytes_read, bytes_stored)
  on conflict on constraint base_backups_pkey do update set
    ended_at = excluded.ended_at, outcome = excluded.outcome, reason = excluded.reason, bytes_total = excluded.bytes_total,
    bytes_read = excluded.bytes_read, bytes_stored = excluded.bytes_stored;
end;

create function platform.note_drill(id uuid, started_at timestamptz, is_passed boolean, statement text, signature bytea) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
  insert into platform.backup_drills (id, started_at, ended_at, is_passed, statement, signature)
  values (id, started_at, clock_timestamp(), is_passed, statement, signature);
  delete from platform.backup_drills d where d.ended_at < clock_timestamp() - interval '800 days';
end;

-- How fresh backups are: one row.
create function platform.backup_status()
returns table (beat_at timestamptz, place text, last_wal text, last_wal_at timestamptz, restorable_from timestamptz,
  restorable_until timestamptz, spooled_files integer, spooled_bytes bigint, oldest_spooled_at timestamptz, shipped_files bigint,
  shipped_bytes bigint, failures bigint, last_failure text, last_failed_at timestamptz, base_id text, base_started_at timestamptz,
  base_ended_at timestamptz, base_bytes bigint, base_stored_bytes bigint, base_failed_at timestamptz, base_failure text,
  running_id text, running_since timestamptz, running_total bigint, running_read bigint, running_stored bigint,
  drill_at timestamptz, drill_is_passed boolean, drill_passed_at timestamptz)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['OPERATOR', 'SYSTEM']);
  return query
    select s.beat_at, s.place, s.last_wal, s.last_wal_at, s.restorable_from, s.restorable_until, s.spooled_files, s.spooled_bytes,
           s.oldest_spooled_at, s.shipped_files, s.shipped_bytes, s.failures, s.last_failure, s.last_failed_at,
           b.id, b.started_at, b.ended_at, b.bytes_read, b.bytes_stored, f.ended_at, f.reason,
           r.id, r.started_at, r.bytes_total, r.bytes_read, r.bytes_stored,
           d.ended_at, d.is_passed, p.ended_at
    from platform.backup_state s
    left join lateral (select * from platform.base_backups x where x.outcome = 'COMPLETE' order by x.ended_at desc limit 1) b on true
    left join lateral (select * from platform.base_backups x where x.outcome = 'FAILED' order by x.ended_at desc limit 1) f on true
    left join lateral (select * from platform.base_backups x where x.outcome is null order by x.started_at desc limit 1) r on true
    left join lateral (select * from platform.backup_drills x order by x.ended_at desc limit 1) d on true
    left join lateral (select * from platform.backup_drills x where x.is_passed order by x.ended_at desc limit 1) p on true;
end $$;

-- The newest drills, as they were signed.
create function platform.list_drills(page_size integer)
returns table (id uuid, started_at timestamptz, ended_at timestamptz, is_passed boolean, statement text, signature bytea)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['OPERATOR', 'SYSTEM']);
  return query select d.id, d.started_at, d.ended_at, d.is_passed, d.statement, d.signature
    from platform.backup_drills d order by d.ended_at desc limit page_size;
end $$;

-- Base backups that were completed and that no rotation has removed: what the repository has to hold.
create function platform.completed_base_backups() returns setof text
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['SYSTEM']);
  return query select b.id from platform.base_backups b where b.outcome = 'COMPLETE' order by b.id;
end $$;

-- A job of the deployment from the backup process: its tasks, and no others.
create function platform.enqueue_backup_job(task text, run_at timestamptz) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  if task not in ('baseBackup', 'rotateBackups', 'drill') then
    raise exception 'not a task of backups' using errcode = 'insufficient_privilege';
  end if;
  return platform.add_job(task, null, '{}', enqueue_backup_job.run_at, 'schedule');
end $$;

revoke all on function platform.note_heartbeat(),
  platform.note_shipping(jsonb),
  platform.note_rotation(text[], timestamptz),
  platform.note_base_backup(text, timestamptz, text, text, bigint, bigint, bigint),
  platform.note_drill(uuid, timestamptz, boolean, text, bytea),
  platform.backup_status(), platform.list_drills(integer), platform.completed_base_backups(),
  platform.enqueue_backup_job(text, timestamptz) from public;
grant execute on function platform.backup_status(), platform.list_drills(integer) to bulkhead_gateway, bulkhead_worker, bulkhead_backup;

-- The backup process: its notes, alerts, and the queue, of which it takes its own tasks.
grant usage on schema app, platform, graphile_worker to bulkhead_backup;
grant execute on function
  app.enter(text), platform.note_heartbeat(), platform.completed_base_backups(),
  platform.note_shipping(jsonb),
  platform.note_rotation(text[], timestamptz),
  platform.note_base_backup(text, timestamptz, text, text, bigint, bigint, bigint),
  platform.note_drill(uuid, timestamptz, boolean, text, bytea), platform.enqueue_backup_job(text, timestamptz),
  platform.begin_job_run(bigint), platform.end_job_run(bigint, integer, text, text), platform.note_worker(text),
  platform.release_dead_workers(), platform.note_schedule(text, text, timestamptz),
  platform.set_alert(text, boolean, text, text, jsonb), platform.note_process(uuid, text, jsonb, jsonb)
to bulkhead_backup;
grant select on graphile_worker.migrations to bulkhead_backup;
grant select, update, delete on graphile_worker._private_jobs to bulkhead_backup;
grant select, update (locked_at, locked_by) on graphile_worker._private_job_queues to bulkhead_backup;
grant select, insert (identifier) on graphile_worker._private_tasks to bulkhead_backup;
grant select, insert, update (last_execution) on graphile_worker._private_known_crontabs to bulkhead_backup;
