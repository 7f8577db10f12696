-- Alerts: what somebody should look at. Whoever finds a fault sets its alert, and clears it when it finds none; the watch of
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

revoke all on function platform.set_alert(text, boolean, text, text, jsonb), platform.list_alerts() from public;
grant execute on function platform.set_alert(text, boolean, text, text, jsonb) to bulkhead_worker;
grant execute on function platform.list_alerts() to bulkhead_gateway, bulkhead_worker;
