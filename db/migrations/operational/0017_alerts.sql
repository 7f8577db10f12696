-- Signals: what the deployment measures of itself. Alerts: what somebody should look at. Whoever finds a fault sets its alert, and clears it when it finds none; the watch of
-- the worker tells receivers. The backup role is granted both functions where it is made.

create table platform.alerts (
  -- What is wrong, and after a slash what it is about, e.g. `DrillFailed` or `PromiseBroken/audit-sealed`.
  name text primary key check (name ~ '^[A-Z][A-Za-z0-9]{2,59}(/[A-Za-z0-9._-]{1,60})?$'),
  -- page: somebody is to be woken. ticket: it can wait until the morning.
  severity text not null check (severity in ('page', 'ticket')),
  summary text not null check (char_length(summary) between 1 and 500),
  -- Numbers and names that say why; no values of organizations.
  evidence jsonb not null check (jsonb_typeof(evidence) = 'object' and octet_length(evidence::text) <= 4000),
  firing boolean not null,
  -- When it began to fire last.
  since timestamptz not null,
  changed_at timestamptz not null,
  resolved_at timestamptz,
  check (firing = (resolved_at is null))
);

-- Sets an alert, or clears it: firing again leaves `since`, clearing what does not fire does nothing. Alerts that were
-- cleared 30 days ago are removed. At most 1,000 are kept: more are no alerts but a fault of who sets them.
create function platform.set_alert(name text, firing boolean, severity text, summary text, evidence jsonb) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare now timestamptz := clock_timestamp();
begin
  if not set_alert.firing then
    update platform.alerts a
    set firing = false, severity = set_alert.severity, summary = set_alert.summary, evidence = set_alert.evidence,
        changed_at = now, resolved_at = now
    where a.name = set_alert.name and a.firing;
    return;
  end if;
  delete from platform.alerts a where a.resolved_at < now - interval '30 days';
  if (select count(*) from platform.alerts a where a.name <> set_alert.name) >= 1000 then
    raise exception 'there are 1,000 alerts already' using errcode = 'program_limit_exceeded';
  end if;
  insert into platform.alerts as a (name, severity, summary, evidence, firing, since, changed_at)
  values (set_alert.name, set_alert.severity, set_alert.summary, set_alert.evidence, true, now, now)
  on conflict on constraint alerts_pkey do update set
    severity = excluded.severity, summary = excluded.summary, evidence = excluded.evidence, firing = true,
    since = case when a.firing then a.since else now end, changed_at = now, resolved_at = null;
end $$;

-- All alerts, those that fire first.
create function platform.list_alerts()
returns table (name text, severity text, summary text, evidence jsonb, firing boolean, since timestamptz,
  changed_at timestamptz, resolved_at timestamptz)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['OPERATOR', 'SYSTEM']);
  return query
    select a.name, a.severity, a.summary, a.evidence, a.firing, a.since, a.changed_at, a.resolved_at
    from platform.alerts a order by a.firing desc, a.changed_at desc, a.name;
end $$;

-- Processes that run, with what each has measured, every 15 s; lost in a crash and written again. `metrics` is the JSON of
-- its registry of metrics, without organizations; `evidence` may name them, and goes into alerts.
create unlogged table platform.processes (
  process uuid primary key,
  kind text not null check (kind in ('gateway', 'worker', 'backup', 'supervisor')),
  seen_at timestamptz not null,
  metrics jsonb not null check (jsonb_typeof(metrics) = 'array' and octet_length(metrics::text) <= 262144),
  evidence jsonb not null check (jsonb_typeof(evidence) = 'object' and octet_length(evidence::text) <= 4000)
);

-- Notes that a process runs. A gateway speaks for gateways only. Those that were not seen for 10 minutes are forgotten.
create function platform.note_process(process uuid, kind text, metrics jsonb, evidence jsonb) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  if session_user = 'bulkhead_gateway' and note_process.kind <> 'gateway' then
    raise exception 'not for this role' using errcode = 'insufficient_privilege';
  end if;
  delete from platform.processes p where p.seen_at < clock_timestamp() - interval '10 minutes';
  if (select count(*) from platform.processes p where p.process <> note_process.process) >= 100 then
    raise exception 'there are 100 processes already' using errcode = 'program_limit_exceeded';
  end if;
  insert into platform.processes as p (process, kind, seen_at, metrics, evidence)
  values (note_process.process, note_process.kind, clock_timestamp(), note_process.metrics, note_process.evidence)
  on conflict on constraint processes_pkey do update set
    seen_at = excluded.seen_at, metrics = excluded.metrics, evidence = excluded.evidence
  where p.kind = excluded.kind;
end $$;

create function platform.list_processes()
returns table (process uuid, kind text, seen_seconds double precision, metrics jsonb, evidence jsonb)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['OPERATOR', 'SYSTEM']);
  return query
    select p.process, p.kind, extract(epoch from clock_timestamp() - p.seen_at)::double precision, p.metrics, p.evidence
    from platform.processes p order by p.kind, p.process;
end $$;

-- What the database knows of the deployment, by names of metrics; what does not apply is null.
create function platform.measure() returns table (name text, value double precision)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare now timestamptz := clock_timestamp();
begin
  perform platform.require_actor(array['SYSTEM']);
  return query
    select m.name, m.value::double precision from (
      select count(*) filter (where j.is_available and j.run_at <= now) as waiting,
             extract(epoch from now - min(j.run_at) filter (where j.is_available and j.run_at <= now)) as waiting_seconds,
             count(*) filter (where j.locked_at is not null) as running,
             count(*) filter (where j.locked_at is null and not j.is_available) as failed
      from graphile_worker._private_jobs j) q
    cross join lateral (values
      ('bulkhead_jobs_waiting', q.waiting::numeric), ('bulkhead_jobs_waiting_seconds', coalesce(q.waiting_seconds, 0)),
      ('bulkhead_jobs_running', q.running), ('bulkhead_jobs_failed', q.failed)) m (name, value);
  return query
    select m.name, m.value::double precision from (
      select count(*) as entries, extract(epoch from now - min(u.at)) as seconds from platform.unsealed_entries u) q
    cross join lateral (values
      ('bulkhead_audit_unsealed_entries', q.entries::numeric),
      ('bulkhead_audit_unsealed_seconds', coalesce(q.seconds, 0))) m (name, value);
  return query
    select m.name, m.value::double precision from (
      select c.log_size, extract(epoch from now - c.at) as seconds
      from platform.checkpoints c order by c.generation desc, c.number desc limit 1) q
    cross join lateral (values
      ('bulkhead_audit_log_size', q.log_size::numeric),
      ('bulkhead_audit_checkpoint_age_seconds', q.seconds)) m (name, value);
  -- A place that is no longer copied to is no longer noted either.
  return query
    select 'bulkhead_audit_copies_failing', count(*)::double precision from platform.checkpoint_copies c
    where c.failure is not null and c.updated_at > now - interval '10 minutes';
  return query
    select 'bulkhead_telemetry_unprovisioned_seconds',
           coalesce(extract(epoch from now - min(t.requested_at)), 0)::double precision
    from platform.telemetry_databases t
    where t.state = 'REQUESTED' and not exists (select from platform.deletions d where d.org_id = t.org_id);
  return query
    select m.name, m.value::double precision from (
      select count(*) filter (where p.state <> 'BELOW') as near, count(*) filter (where p.state = 'FULL') as "full"
      from platform.data_packages p
      where not exists (select from platform.deletions d where d.org_id = p.org_id)) q
    cross join lateral (values
      ('bulkhead_data_packages_near', q.near::numeric), ('bulkhead_data_packages_full', q."full")) m (name, value);
  return query
    select 'bulkhead_deletion_unfinished_seconds',
           coalesce(extract(epoch from now - min(d.requested_at)), 0)::double precision
    from platform.deletions d where d.completed_at is null;
  return query
    select m.name, m.value::double precision from pg_stat_archiver a
    cross join lateral (values
      ('bulkhead_wal_archived_files', a.archived_count::numeric), ('bulkhead_wal_archive_failures', a.failed_count),
      ('bulkhead_wal_archive_failing', (a.last_failed_time > coalesce(a.last_archived_time, '-infinity'))::integer),
      ('bulkhead_wal_archive_age_seconds', extract(epoch from now - coalesce(a.last_archived_time, a.stats_reset))))
      m (name, value)
    where current_setting('archive_mode') <> 'off';
  return query
    select m.name, m.value::double precision from (
      select count(*) as slots, max(pg_wal_lsn_diff(pg_current_wal_lsn(), s.restart_lsn)) as bytes
      from pg_replication_slots s where not pg_is_in_recovery()) q
    cross join lateral (values
      ('bulkhead_replication_slots', q.slots::numeric),
      ('bulkhead_replication_lag_bytes', q.bytes)) m (name, value);
  return query
    select 'bulkhead_database_connections_ratio',
           (select count(*) from pg_stat_activity a where a.backend_type is distinct from 'walsender' and a.datid is not null)
             / current_setting('max_connections')::double precision;
  return query select 'bulkhead_transaction_age', max(age(d.datfrozenxid))::double precision from pg_database d;
  return query select 'bulkhead_database_clock_seconds', extract(epoch from clock_timestamp())::double precision;
end $$;

revoke all on function platform.note_process(uuid, text, jsonb, jsonb), platform.list_processes(), platform.measure() from public;
grant execute on function platform.note_process(uuid, text, jsonb, jsonb), platform.list_processes() to bulkhead_gateway, bulkhead_worker;
grant execute on function platform.measure() to bulkhead_worker;

revoke all on function platform.set_alert(text, boolean, text, text, jsonb), platform.list_alerts() from public;
grant execute on function platform.set_alert(text, boolean, text, text, jsonb) to bulkhead_worker;
grant execute on function platform.list_alerts() to bulkhead_gateway, bulkhead_worker;
